/** What `podpass dev` sets up: an installation, an account with an owner, a registered cluster and a demo profile. All of it over the API. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialise } from '../installation.ts';
import { ConfigError } from '../ops/config.ts';
import { readOrMakeMasterKey } from '../ops/master-key.ts';
import { ApiClient } from './api-client.ts';
import { type DevCluster, makeDevCluster, mintPodToken, readDevCluster } from './dev-cluster.ts';
import { DEFAULT_POD } from './dev-token.ts';

/** What `dev.json` says; for scripts and for people. */
export interface DevWorld {
  readonly url: string;
  readonly account_id: string;
  readonly apikey: string;
  readonly cluster: { readonly name: string; readonly crn: string; readonly issuer: string };
  readonly profile: { readonly id: string; readonly iam_id: string; readonly name: string; readonly crn: string };
  readonly cr_token_file: string;
}

export interface DevPlaces {
  readonly dir: string;
  readonly dataDir: string;
  readonly masterKeyFile: string;
  readonly firstKeyFile: string;
  readonly worldFile: string;
  readonly tokenFile: string;
}

export function placesIn(dir: string): DevPlaces {
  return {
    dir,
    dataDir: join(dir, 'data'),
    masterKeyFile: join(dir, 'master.key'),
    firstKeyFile: join(dir, 'first-key'),
    worldFile: join(dir, 'dev.json'),
    tokenFile: join(dir, 'tokens', 'vault-token'),
  };
}

const OWNER = { iam_id: 'IBMid-dev-owner', name: 'Dev Owner', email: 'owner@dev.podpass.internal' };
const ADMINISTRATOR = { iam_id: 'IBMid-dev-admin', name: 'Dev Administrator' };
const CLUSTER_NAME = 'dev-cluster';
const VIEWER = 'crn:v1:bluemix:public:iam::::role:Viewer';

/** Makes the installation and the cluster's key where they do not exist yet. */
export async function prepareDirectory(places: DevPlaces): Promise<DevCluster> {
  mkdirSync(places.dir, { recursive: true, mode: 0o700 });
  const masterKey = readOrMakeMasterKey(places.masterKeyFile, places.dataDir);
  if (!existsSync(join(places.dataDir, 'podpass.db'))) {
    const firstKey = await initialise({ dataDir: places.dataDir, masterKey });
    writeFileSync(places.firstKeyFile, `${firstKey.reveal()}\n`, { mode: 0o600 });
  }
  return readDevCluster(places.dir) ?? makeDevCluster(places.dir);
}

/** The world of an earlier run, at the address of this one. */
function readWorld(places: DevPlaces, url: string): DevWorld | undefined {
  if (!existsSync(places.worldFile)) return undefined;
  return { ...(JSON.parse(readFileSync(places.worldFile, 'utf8')) as DevWorld), url, cr_token_file: places.tokenFile };
}

export async function prepareWorld(places: DevPlaces, url: string, cluster: DevCluster): Promise<DevWorld> {
  const world = readWorld(places, url) ?? (await makeWorld(places, url, cluster));
  writeFileSync(places.worldFile, `${JSON.stringify(world, undefined, 2)}\n`, { mode: 0o600 });
  return world;
}

async function makeWorld(places: DevPlaces, url: string, cluster: DevCluster): Promise<DevWorld> {
  if (!existsSync(places.firstKeyFile)) {
    throw new ConfigError(
      `The development set-up in ${places.dir} was interrupted before it was complete. Delete that directory and start again.`,
    );
  }
  const api = new ApiClient(url);
  const first = await api.exchangeApiKey(readFileSync(places.firstKeyFile, 'utf8').trim());
  const administrator = await api.expect('POST', '/podpass/v1/administrators', first, ADMINISTRATOR);
  const admin = await api.exchangeApiKey(String(administrator.apikey));
  const account = await api.expect('POST', '/podpass/v1/accounts', admin, { name: 'development', owner_iam_id: OWNER.iam_id });
  const accountId = String(account.id);
  const key = await api.expect('POST', `/podpass/v1/accounts/${accountId}/users/${OWNER.iam_id}/apikeys`, admin, { name: 'podpass dev' });
  const apikey = String(key.apikey);
  const owner = await api.exchangeApiKey(apikey);
  const registered = await registerCluster(api, owner, accountId, cluster);
  const crn = String(registered.crn);

  const profile = await api.expect('POST', '/v1/profiles', owner, {
    name: 'demo',
    description: 'What the pods of the default namespace may be',
    account_id: accountId,
  });
  const group = await api.expect('POST', `/v2/groups?account_id=${accountId}`, owner, {
    name: 'demo pods',
    description: 'Pods that may look, and not touch',
  });
  await api.expect('PUT', `/v2/groups/${group.id}/members`, owner, { members: [{ iam_id: profile.iam_id, type: 'profile' }] });
  await api.expect('POST', '/v1/policies', owner, {
    type: 'access',
    subjects: [{ attributes: [{ name: 'access_group_id', value: group.id }] }],
    roles: [{ role_id: VIEWER }],
    resources: [
      {
        attributes: [
          { name: 'accountId', value: accountId },
          { name: 'serviceName', value: 'iam-identity' },
        ],
      },
    ],
  });
  await api.expect('POST', `/v1/profiles/${profile.id}/links`, owner, {
    name: 'default pods',
    cr_type: 'ROKS_SA',
    link: { crn, namespace: DEFAULT_POD.namespace, name: DEFAULT_POD.serviceAccount },
  });
  return {
    url,
    account_id: accountId,
    apikey,
    cluster: { name: CLUSTER_NAME, crn, issuer: cluster.issuer },
    profile: { id: String(profile.id), iam_id: String(profile.iam_id), name: String(profile.name), crn: String(profile.crn) },
    cr_token_file: places.tokenFile,
  };
}

/** Registers the cluster as any other: a nonce, a proof signed by its key, its key set. */
async function registerCluster(api: ApiClient, token: string, accountId: string, cluster: DevCluster) {
  const { audience } = await api.expect('POST', '/podpass/v1/clusters/registrations', token, { account_id: accountId });
  const proof = mintPodToken(cluster, { ...DEFAULT_POD, audience: String(audience), expiresInSeconds: 600 });
  return api.expect('POST', '/podpass/v1/clusters', token, {
    account_id: accountId,
    name: CLUSTER_NAME,
    type: 'openshift',
    version: '4.16.20_1550_openshift',
    created_version: '4.16.20',
    region: 'dev',
    issuers: [{ issuer: cluster.issuer, audiences: ['vault', 'iam'] }],
    trust: { mode: 'jwks', jwks: { keys: [cluster.publicJwk] } },
    proofs: [proof],
    link_name_may_be_cluster_name: true,
  });
}
