/** The commands of the documentation, run as they are printed, in the order in which a reader meets them. Only the address is replaced. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { Running, worldAt } from '../support/process.ts';
import { TestIssuer } from '../support/world.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGES = [
  'docs/operating.md',
  'docs/kubernetes.md',
  'docs/identities.md',
  'docs/access-groups.md',
  'docs/policies.md',
  'docs/services.md',
  'docs/decisions.md',
  'docs/explain.md',
];
const ADDRESS = '127.0.0.1:8431';
const END = '== end';

interface Block {
  /** `docs/operating.md:5` */
  readonly place: string;
  readonly commands: string;
}

/** The `sh` blocks of a page. */
function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(({ 1: commands = '', index }) => ({
    place: `${page}:${text.slice(0, index).split('\n').length}`,
    commands,
  }));
}

/** What the pages ask of `kubectl`, as a cluster with this issuer answers it. */
function answerOf(issuer: TestIssuer, command: string): string | undefined {
  const [, audience] = /^create token default --audience=(\S+)$/.exec(command) ?? [];
  if (audience !== undefined) return issuer.token({ audience, expiresIn: 3600, pod: null });
  if (command === 'get --raw /.well-known/openid-configuration') return JSON.stringify({ issuer: issuer.issuer });
  if (command === 'get --raw /openid/v1/jwks') return JSON.stringify(issuer.jwks);
  return undefined;
}

async function startCluster(issuer: TestIssuer): Promise<Server & { readonly url: string }> {
  const server = createServer((request, response) => {
    const answer = answerOf(issuer, new URL(request.url ?? '', 'http://cluster').searchParams.get('command') ?? '');
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
}

/** A folder with the commands that the pages take for granted, to be found first. */
function makeCommands(dir: string, clusterUrl: string): string {
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  const scripts = {
    podpass: `exec '${process.execPath}' '${join(ROOT, 'bin', 'podpass')}' "$@"`,
    kubectl: `exec curl -sfG --data-urlencode "command=$*" '${clusterUrl}'`,
  };
  for (const [name, line] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

test('every command of the documentation does what its page says', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'podpass-documentation-'));
  const issuer = new TestIssuer();
  const cluster = await startCluster(issuer);
  try {
    const environment = { PATH: `${makeCommands(dir, cluster.url)}${delimiter}${process.env.PATH ?? ''}` };
    const bash = (script: string) => new Running('bash', ['-c', script], { cwd: dir, environment });
    const run = async (blocks: readonly Block[], address: string, last = '') => {
      const steps = blocks.map(({ place, commands }) => `echo; echo "== ${place}"\n${commands.replaceAll(ADDRESS, address)}`);
      await using script = bash(['set -euo pipefail', ...steps, last].join('\n'));
      const { status, stdout, stderr } = await script.ended;
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, stdout);
      assert.doesNotMatch(stdout, /"(?:errors|errorCode)":/);
      return stdout;
    };

    const blocks = PAGES.flatMap(blocksOf);
    for (const page of PAGES) assert(blocks.some(({ place }) => place.startsWith(`${page}:`)));
    const serving = blocks.findIndex(({ commands }) => commands.startsWith('podpass serve '));
    assert(serving > 0);
    const serve = blocks[serving]?.commands ?? '';
    assert(serve.includes(ADDRESS));

    await run(blocks.slice(0, serving), ADDRESS);
    await using server = bash(`exec ${serve.replace(ADDRESS, '127.0.0.1:0')}`);
    const [, url = ''] = await server.output(/listens on (\S+) and/);
    const said = await run(blocks.slice(serving + 1), new URL(url).host, `echo "${END}"; printf '%s\\n' "$ACCOUNT" "$OWNER" "$KEY"`);

    assert.match(said, /"status":"succeeded"/, 'the template reached the account below');
    assert.match(said, /"groups":\[\{"access_group_id":"[^"]+","rule_id":/, 'the login made a member by the rule');
    assert.match(said, /"permitted":true.*"permitted":false/s, 'the reader of orders reads, and cancels nothing');
    assert.match(said, /"failed":"link".*"would_be_permitted":1,/s, 'the pod that was refused is explained, and what would let it in');
    const [account = '', owner = '', key = ''] = (said.split(`${END}\n`)[1] ?? '').trim().split('\n');
    const world = worldAt(url, dir);
    assert.equal(typeof (await world.login(key)), 'string');

    const profile = async (name: string) => {
      const { body } = await world.expect(200, 'GET', `/v1/profiles?account_id=${account}&name=${name}`, { token: owner });
      return String(body.profiles[0].id);
    };
    const exchange = async (namespace: string, serviceAccount: string, profileId: string) =>
      world.crToken(issuer.token({ namespace, serviceAccount, audience: 'podpass', expiresIn: 3600 }), { profile_id: profileId });
    const [checkout, reports] = [await profile('checkout'), await profile('reports')];
    const byLink = await exchange('shop', 'checkout', checkout);
    assert.deepEqual([byLink.status, byLink.body.expires_in], [200, 1800], 'by the link, for as long as the settings say');
    assert.equal((await exchange('reporting', 'nightly', reports)).status, 200, 'by the rule');
    assert.equal((await exchange('reporting', 'default', reports)).status, 400, 'a service account that the rule does not name');

    server.signal('SIGTERM');
    assert.equal((await server.ended).status, 0);
  } finally {
    cluster.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
