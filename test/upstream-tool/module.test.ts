/** The module that holds the suites: its pins, the hash that proves it unmodified, and the properties that a suite is started with. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { hashModule, readPins, requireUnmodified } from '../../tools/upstream/module.ts';
import { propertyFile } from '../../tools/upstream/suite.ts';
import { UPSTREAM_SUITES } from '../../tools/upstream/suites.ts';
import { EXPECTED_SUITES } from '../upstream/suites.ts';

const GO_MOD = 'module podpass.invalid/x\n\ngo 1.25.0\n\nrequire example.org/sdk v1.2.3\n';
const GO_SUM = 'example.org/sdk v1.2.2 h1:old=\nexample.org/sdk v1.2.3 h1:files=\nexample.org/sdk v1.2.3/go.mod h1:gomod=\n';

describe('the pins', () => {
  it('are read from go.mod and go.sum', () => {
    assert.deepEqual(readPins(GO_MOD, GO_SUM), { path: 'example.org/sdk', version: 'v1.2.3', hash: 'h1:files=', minimumGo: '1.25.0' });
  });

  it('are refused without a Go version, a module or its hash', () => {
    for (const [goMod, goSum] of [
      [GO_MOD.replace('go 1.25.0', ''), GO_SUM],
      [GO_MOD.replace('require', '//'), GO_SUM],
      [GO_MOD, GO_SUM.replace('v1.2.3 h1', 'v1.2.4 h1')],
    ] as const)
      assert.throws(() => readPins(goMod, goSum), /must name a Go version and require one module/);
  });

  it('of this repository name one module with its hash', () => {
    const folder = join(import.meta.dirname, '..', '..', 'tools', 'upstream');
    const { path, hash } = readPins(readFileSync(join(folder, 'go.mod'), 'utf8'), readFileSync(join(folder, 'go.sum'), 'utf8'));
    assert.equal(path, 'github.com/IBM/platform-services-go-sdk');
    assert.match(hash, /^h1:[A-Za-z0-9+/]{43}=$/);
  });
});

describe('a copy of a module', () => {
  const name = { path: 'example.org/sdk', version: 'v1.2.3' };
  /** As Go computes it for the two files below. */
  const hash = 'h1:xL/qvlaOp0aeucwrG9Gpqr5ICDi+DR2BK+gfB8d/jRU=';
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podpass-module-'));
    mkdirSync(join(folder, 'keys'));
    writeFileSync(join(folder, 'go.mod'), 'module example.org/sdk\n');
    writeFileSync(join(folder, 'keys', 'keys.go'), 'package keys\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const check = () => requireUnmodified({ module: { ...name, hash, minimumGo: '1.25.0' }, sources: folder });

  it("has the hash that Go's checksums state", async () => {
    assert.equal(await hashModule(folder, name), hash);
    await check();
  });

  it('is refused where a file was changed, added, removed or renamed', async () => {
    const keys = join(folder, 'keys', 'keys.go');
    const added = join(folder, 'keys', 'more.go');
    writeFileSync(keys, 'package keys // changed\n');
    await assert.rejects(check(), /is not example\.org\/sdk v1\.2\.3 as published: .* Delete that folder and run this again\.$/);
    writeFileSync(keys, 'package keys\n');
    await check();
    writeFileSync(added, '');
    await assert.rejects(check(), /as published/);
    rmSync(added);
    await check();
    rmSync(keys);
    await assert.rejects(check(), /as published/);
    writeFileSync(added, 'package keys\n');
    await assert.rejects(check(), /as published/);
  });
});

describe('the property file', () => {
  it('names the server for calls and for tokens, the key, and what else the suite asks for', () => {
    const properties = { url: 'http://127.0.0.1:8431', apiKey: 'key', others: { ACCOUNT_ID: 'a1', IAM_ID: 'IBMid-1' } };
    assert.equal(
      propertyFile({ propertyPrefix: 'KEYS' }, properties),
      `KEYS_URL=http://127.0.0.1:8431
KEYS_AUTHTYPE=iam
KEYS_AUTH_URL=http://127.0.0.1:8431
KEYS_APIKEY=key
KEYS_ACCOUNT_ID=a1
KEYS_IAM_ID=IBMid-1
`,
    );
  });
});

describe('the table of suites', () => {
  it('tells the suites apart in the page, in the cache of binaries and in what they read', () => {
    for (const member of ['id', 'api', 'packageName', 'container', 'propertyFile', 'propertyPrefix'] as const)
      assert.equal(new Set(UPSTREAM_SUITES.map((suite) => suite[member])).size, UPSTREAM_SUITES.length, member);
  });

  it('is the one that expectations are listed for', () => {
    assert.deepEqual(
      EXPECTED_SUITES.map(({ suite }) => suite),
      UPSTREAM_SUITES,
    );
  });
});
