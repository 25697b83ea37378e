/** The whole story, once, step by step on the screen: pod token, exchange, verification, one call allowed, one refused. */
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApiClient, describe } from './api-client.ts';
import type { DevWorld } from './dev-world.ts';

type Claims = Readonly<Record<string, unknown>>;

const readPart = (token: string, index: number): Claims =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Claims;

/** Verifies as any service would: the key that the header names, from the published set. */
async function isPublished(api: ApiClient, token: string): Promise<boolean> {
  const { body } = await api.call('GET', '/identity/keys');
  const keys = body.keys as (JsonWebKey & { kid: string })[];
  const jwk = keys.find((key) => key.kid === readPart(token, 0).kid);
  if (!jwk) return false;
  const [header, payload, signature = ''] = token.split('.');
  return verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    createPublicKey({ key: jwk, format: 'jwk' }),
    Buffer.from(signature, 'base64url'),
  );
}

/** Plays the story; returns whether every step went as it should. */
export async function playStory(world: DevWorld, print: (line: string) => void): Promise<boolean> {
  const api = new ApiClient(world.url);
  let failed = 0;
  const step = (number: number, title: string, holds: boolean, lines: readonly string[]) => {
    if (!holds) failed += 1;
    print(`${holds ? '  ok  ' : ' FAIL '} ${number}. ${title}`);
    for (const line of lines) print(`         ${line}`);
  };

  const podToken = readFileSync(world.cr_token_file, 'utf8').trim();
  const pod = readPart(podToken, 1);
  step(1, 'A pod holds the token that its cluster projected into it', true, [`${pod.sub}, audience ${String(pod.aud)}, issuer ${pod.iss}`]);

  const exchange = await api.exchangePodToken(podToken, world.profile.id);
  const accessToken = String(exchange.body.access_token ?? '');
  const claims = exchange.status === 200 ? readPart(accessToken, 1) : {};
  step(
    2,
    'It exchanges that token for an access token of the linked profile',
    exchange.status === 200 && claims.iam_id === world.profile.iam_id,
    exchange.status === 200
      ? [`POST /identity/token: ${claims.iam_id} '${claims.name}', for ${exchange.body.expires_in} s`]
      : [`answered ${exchange.status}: ${describe(exchange.body)}`],
  );
  const verified = exchange.status === 200 && (await isPublished(api, accessToken));
  step(3, 'Any service verifies it with the published keys', verified, [
    verified ? `GET /identity/keys: key ${readPart(accessToken, 0).kid} signed it` : 'no published key signed it',
  ]);

  const allowed = await api.call('GET', `/v1/profiles/${world.profile.id}`, accessToken);
  step(4, 'A policy lets it read the profile', allowed.status === 200, [
    `GET /v1/profiles/${world.profile.id}: ${allowed.status}, by the role Viewer of its access group`,
  ]);

  const refused = await api.call('POST', '/v1/profiles', accessToken, { name: 'not mine to make', account_id: world.account_id });
  step(5, 'No policy lets it create one', refused.status === 403, [
    `POST /v1/profiles: ${refused.status}. ${describe(refused.body)}`,
    ...(await reasonOf(api, world, refused.headers)),
  ]);
  return failed === 0;
}

/** The reason of a refusal as the account's owner reads it in the audit log, under the id that the refusal carried. */
async function reasonOf(api: ApiClient, world: DevWorld, headers: Headers): Promise<readonly string[]> {
  const owner = await api.exchangeApiKey(world.apikey);
  const requestId = headers.get('x-request-id') ?? '';
  const { body } = await api.call('GET', `/podpass/v1/audit/events?account_id=${world.account_id}&request_id=${requestId}`, owner);
  const [event] = (body.events ?? []) as { data?: { responseData?: { nearest?: { missed?: { kind: string }[] } } } }[];
  const missed = event?.data?.responseData?.nearest?.missed?.map((miss) => miss.kind) ?? [];
  if (missed.length === 0) return [`The audit log keeps it under ${requestId}.`];
  return [`The audit log says under ${requestId}: the nearest policy missed on ${missed.join(', ')} (Viewer has no such action).`];
}
