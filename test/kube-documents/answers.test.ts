import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createIssuerDocuments } from '../../src/kube/issuer-documents.ts';
import { type Answer, CA, createClient, discovery, HOST, JWKS_PATH, json, KEYS, refusal, startIssuer, WELL_KNOWN } from './world.ts';

const trusted = { caBundle: CA.pem, allowPrivate: true };
const raw =
  (body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_request, response) => {
    response.writeHead(200, headers).end(body);
  };

/** Writes for ever, as fast as the other side reads. */
const endless =
  (chunk: string): Answer =>
  (_request, response) => {
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', write);
    write();
  };

/** Writes one byte every 20 ms for ever. */
const trickle: Answer = (_request, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};

const after =
  (ms: number, answer: Answer): Answer =>
  (request, response, issuer) => {
    setTimeout(() => answer(request, response, issuer), ms);
  };

// Unrefed timers end nothing by themselves: this one keeps the process until the test is over.
const stayAwake = (t: TestContext) => {
  const timer = setInterval(() => undefined, 1000);
  t.after(() => clearInterval(timer));
};

describe('what an issuer answers', () => {
  it('returns the key set as it came, with the issuer and the address of the keys', async (t) => {
    const issuer = await startIssuer(t);
    const result = await createClient().fetchKeys({ issuer: issuer.url, ...trusted });
    assert.deepEqual(result, { jwks: KEYS, issuer: issuer.url, jwksUri: `${issuer.url}${JWKS_PATH}` });
  });

  it('does not mind the media type', async (t) => {
    const issuer = await startIssuer(t, { keys: raw(JSON.stringify(KEYS), { 'content-type': 'text/plain' }) });
    await createClient().fetchKeys({ issuer: issuer.url, ...trusted });
  });

  describe('redirects', () => {
    for (const status of [300, 301, 302, 303, 304, 307, 308]) {
      it(`refuses ${status} and names the origin of its Location only`, async (t) => {
        const victim = await startIssuer(t);
        const issuer = await startIssuer(t, {
          discovery: (_request, response) => {
            response.writeHead(status, { location: `${victim.url}/path?token=hunter2` }).end();
          },
        });
        const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'redirect');
        assert.ok(error.message.includes(`to "${victim.url}".`), error.message);
        assert.doesNotMatch(error.message, /path|hunter2/);
        assert.equal(victim.seen.length, 0);
        assert.equal(issuer.seen.length, 1);
      });
    }

    for (const [location, named] of [
      [undefined, /to no named place\./],
      ['/elsewhere', /to "https:\/\/api\.cluster\.test:\d+"\./],
      ['http://[', /to a place that is not a URL\./],
      ['javascript:alert(1)', /to "javascript:"\./],
    ] as const) {
      it(`refuses a redirect of the key set to ${location ?? 'nowhere'}`, async (t) => {
        const issuer = await startIssuer(t, {
          keys: (_request, response) => {
            response.writeHead(302, location === undefined ? {} : { location }).end(JSON.stringify(KEYS));
          },
        });
        const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'redirect');
        assert.match(error.message, named);
        assert.match(error.message, /^The key set/);
      });
    }
  });

  describe('statuses', () => {
    const status =
      (code: number): Answer =>
      (_request, response) => {
        response.writeHead(code).end(code === 204 ? undefined : JSON.stringify(KEYS));
      };
    for (const code of [201, 204, 206, 400, 404, 500, 503]) {
      it(`refuses status ${code} for either document`, async (t) => {
        const first = await startIssuer(t, { discovery: status(code) });
        assert.match(
          (await refusal(createClient().fetchKeys({ issuer: first.url, ...trusted }), 'status')).message,
          new RegExp(`status ${code} came`),
        );
        const second = await startIssuer(t, { keys: status(code) });
        assert.match((await refusal(createClient().fetchKeys({ issuer: second.url, ...trusted }), 'status')).message, /^The key set/);
      });
    }

    for (const code of [401, 403]) {
      it(`tells for status ${code} how a cluster allows anonymous reading`, async (t) => {
        const issuer = await startIssuer(t, { discovery: status(code) });
        const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'status');
        assert.match(error.message, /system:service-account-issuer-discovery/);
      });
    }

    it('refuses an answer that changes the protocol', async (t) => {
      const issuer = await startIssuer(t, {
        discovery: (_request, response) => {
          response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
        },
      });
      await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'status');
    });
  });

  describe('size', () => {
    const sized = (size: number) => {
      const text = JSON.stringify(KEYS);
      return text + ' '.repeat(size - text.length);
    };

    it('accepts a document of exactly 1 MiB', async (t) => {
      const issuer = await startIssuer(t, { keys: raw(sized(1024 * 1024)) });
      await createClient().fetchKeys({ issuer: issuer.url, ...trusted });
    });

    it('refuses one byte more, whether the length is announced or not', async (t) => {
      const body = sized(1024 * 1024 + 1);
      for (const answer of [raw(body), raw(body, { 'transfer-encoding': 'chunked' })]) {
        const issuer = await startIssuer(t, { keys: answer });
        const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'too_large');
        assert.match(error.message, /at most 1048576 bytes/);
      }
    });

    it('refuses an announced length at once, before the body comes', async (t) => {
      const issuer = await startIssuer(t, {
        discovery: (_request, response) => {
          response.writeHead(200, { 'content-length': '99999999999' });
          response.flushHeaders();
        },
      });
      await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'too_large');
      await issuer.closed();
    });

    for (const [what, which] of [
      ['discovery document', 'discovery'],
      ['key set', 'keys'],
    ] as const) {
      it(`breaks off an endless ${what}`, async (t) => {
        let answer: ServerResponse | undefined;
        const issuer = await startIssuer(t, {
          [which]: ((request, response, self) => {
            answer = response;
            endless(' '.repeat(16_384))(request, response, self);
          }) satisfies Answer,
        });
        await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'too_large');
        await issuer.closed();
        assert.equal(answer?.destroyed, true);
      });
    }

    it('refuses endless headers', async (t) => {
      const issuer = await startIssuer(t, {
        discovery: (_request, response) => {
          const { socket } = response;
          socket?.write('HTTP/1.1 200 OK\r\n');
          const write = () => {
            while (socket !== null && !socket.destroyed && socket.write(`x-filler: ${'a'.repeat(1000)}\r\n`));
          };
          socket?.on('drain', write);
          write();
        },
      });
      await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'too_large');
      await issuer.closed();
    });
  });

  describe('time', () => {
    const SLOW: readonly (readonly [what: string, which: 'discovery' | 'keys', answer: Answer])[] = [
      ['a discovery document that never begins', 'discovery', () => undefined],
      ['a discovery document that trickles', 'discovery', trickle],
      ['a key set that never begins', 'keys', () => undefined],
      ['a key set that trickles', 'keys', trickle],
    ];
    for (const [what, which, answer] of SLOW) {
      it(`gives up on ${what}, and closes the connection`, async (t) => {
        stayAwake(t);
        const issuer = await startIssuer(t, { [which]: answer });
        const begun = performance.now();
        const error = await refusal(createClient({ timeoutMs: 250 }).fetchKeys({ issuer: issuer.url, ...trusted }), 'timeout');
        assert.ok(performance.now() - begun < 2000);
        assert.match(error.message, /within 0\.25 s altogether/);
        await issuer.closed();
      });
    }

    it('counts both documents together', async (t) => {
      stayAwake(t);
      const issuer = await startIssuer(t, { discovery: after(300, discovery()), keys: after(300, json(KEYS)) });
      await refusal(createClient({ timeoutMs: 450 }).fetchKeys({ issuer: issuer.url, ...trusted }), 'timeout');
      assert.equal(issuer.seen.length, 2);
    });

    it('counts the name resolution too', async (t) => {
      stayAwake(t);
      const client = createIssuerDocuments({ timeoutMs: 100, lookup: () => new Promise(() => undefined) });
      await refusal(client.fetchKeys({ issuer: `https://${HOST}`, allowPrivate: false }), 'timeout');
    });

    it('gives up on a handshake that does not come', async (t) => {
      stayAwake(t);
      const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.after(() => server.close());
      const { port } = server.address() as AddressInfo;
      await refusal(createClient({ timeoutMs: 200 }).fetchKeys({ issuer: `https://${HOST}:${port}`, ...trusted }), 'timeout');
    });

    it("ends with the caller's reason when the caller calls it off", async (t) => {
      stayAwake(t);
      const issuer = await startIssuer(t, { keys: () => undefined });
      const controller = new AbortController();
      const reason = new Error('The server is stopping.');
      setTimeout(() => controller.abort(reason), 150);
      await assert.rejects(createClient().fetchKeys({ issuer: issuer.url, ...trusted }, controller.signal), (error) => error === reason);
      await issuer.closed();
    });

    it('does nothing for a caller who has called it off already', async () => {
      const client = createClient();
      await assert.rejects(client.fetchKeys({ issuer: `https://${HOST}`, ...trusted }, AbortSignal.abort()), { name: 'AbortError' });
      assert.deepEqual(client.lookups, []);
    });
  });

  describe('breaking off', () => {
    it('reports an answer that ends before its announced length', async (t) => {
      const issuer = await startIssuer(t, {
        keys: (_request, response) => {
          response.writeHead(200, { 'content-length': '1000' });
          response.write(JSON.stringify(KEYS), () => response.destroy());
        },
      });
      assert.match((await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'unreachable')).message, /broke off/);
    });

    it('reports an answer that is not HTTP', async (t) => {
      const issuer = await startIssuer(t, {
        discovery: (_request, response) => {
          response.socket?.end('220 mail.example.com ESMTP\r\n');
        },
      });
      assert.match((await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'unreachable')).message, /is not HTTP/);
    });
  });

  describe('JSON', () => {
    for (const [what, body] of [
      ['HTML', '<html>Sign in</html>'],
      ['nothing', ''],
      ['two values', '{}{}'],
      ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
      ['null', 'null'],
      ['a list', '[]'],
      ['a text', '"keys"'],
      ['very deep brackets', '['.repeat(100_000)],
    ] as const) {
      it(`refuses ${what} for either document`, async (t) => {
        const first = await startIssuer(t, { discovery: raw(body, { 'content-type': 'application/json' }) });
        const error = await refusal(createClient().fetchKeys({ issuer: first.url, ...trusted }), 'not_json');
        assert.doesNotMatch(error.message, /Sign in/);
        const second = await startIssuer(t, { keys: raw(body) });
        await refusal(createClient().fetchKeys({ issuer: second.url, ...trusted }), 'not_json');
      });
    }
  });

  describe('the issuer in the document', () => {
    const MISMATCHES: readonly (readonly [what: string, tail: string, named: (url: string) => unknown, message: RegExp])[] = [
      [
        'another issuer',
        '',
        () => 'https://kubernetes.default.svc.cluster.local',
        /names "https:\/\/kubernetes\.default\.svc\.cluster\.local"/,
      ],
      ['a trailing slash too many', '', (url) => `${url}/`, /trailing slash only/],
      ['a trailing slash too few', '/', (url) => url, /trailing slash only/],
      ['other letter case', '', (url) => url.replace(HOST, HOST.toUpperCase()), /API\.CLUSTER\.TEST/],
      ['no issuer', '', () => undefined, /its issuer is nothing/],
      ['a list that holds the issuer', '', (url) => [url], /its issuer is a value of type object/],
    ];
    for (const [what, tail, named, message] of MISMATCHES) {
      it(`refuses ${what}`, async (t) => {
        const issuer = await startIssuer(t, { discovery: discovery(({ url }) => ({ issuer: named(url) })) });
        const error = await refusal(createClient().fetchKeys({ issuer: `${issuer.url}${tail}`, ...trusted }), 'issuer_mismatch');
        assert.match(error.message, message);
        assert.equal(issuer.seen.length, 1);
      });
    }

    it('escapes and cuts what the document says', async (t) => {
      const issuer = await startIssuer(t, { discovery: discovery(() => ({ issuer: `\u001b[31m\n${'x'.repeat(10_000)}` })) });
      const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'issuer_mismatch');
      assert.doesNotMatch(error.message, /\p{Cc}/u);
      assert.ok(error.message.length < 1500);
    });
  });

  describe('the address of the keys', () => {
    it('refuses another host, another port and what only looks like the origin', async (t) => {
      const victim = await startIssuer(t);
      const issuer = await startIssuer(t);
      for (const jwksUri of [
        victim.url + JWKS_PATH,
        `https://other.test:${issuer.port}${JWKS_PATH}`,
        `https://127.0.0.1:${issuer.port}${JWKS_PATH}`,
        `https://${HOST}${JWKS_PATH}`,
        `${issuer.url}.other.test/keys`.replace(`:${issuer.port}`, ''),
        `https://${HOST}.:${issuer.port}/keys`,
      ]) {
        const liar = await startIssuer(t, { discovery: discovery(() => ({ jwks_uri: jwksUri })) });
        const client = createClient();
        const error = await refusal(client.fetchKeys({ issuer: liar.url, ...trusted }), 'foreign_origin');
        assert.match(error.message, /--service-account-jwks-uri/);
        assert.match(error.message, /trust mode jwks/);
        assert.deepEqual(client.lookups, [HOST]);
        assert.equal(liar.seen.length, 1);
      }
      assert.equal(victim.seen.length + issuer.seen.length, 0);
    });

    it('refuses http on the same host and port', async (t) => {
      const issuer = await startIssuer(t, { discovery: discovery(({ port }) => ({ jwks_uri: `http://${HOST}:${port}${JWKS_PATH}` })) });
      await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'not_https');
    });

    it('refuses a user name or password, and sends none', async (t) => {
      const issuer = await startIssuer(t, {
        discovery: discovery(({ port }) => ({ jwks_uri: `https://me:hunter2@${HOST}:${port}/keys` })),
      });
      const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'userinfo');
      assert.doesNotMatch(error.message, /hunter2/);
      assert.equal(issuer.seen.length, 1);
    });

    for (const jwksUri of [undefined, null, 7, '', '/openid/v1/jwks', 'keys']) {
      it(`refuses ${JSON.stringify(jwksUri) ?? 'nothing'} as no address`, async (t) => {
        const issuer = await startIssuer(t, { discovery: discovery(() => ({ jwks_uri: jwksUri })) });
        assert.match((await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'no_keys')).message, /jwks_uri/);
      });
    }

    it('accepts a query on the same origin and fills in nothing from elsewhere', async (t) => {
      const issuer = await startIssuer(t, { discovery: discovery(({ url }) => ({ jwks_uri: `${url}/keys?v=1&iss={iss}` })) });
      await createClient().fetchKeys({ issuer: issuer.url, ...trusted });
      assert.deepEqual(
        issuer.seen.map(({ path }) => path),
        [WELL_KNOWN, '/keys?v=1&iss={iss}'],
      );
    });
  });

  describe('the keys', () => {
    for (const body of [{}, { keys: [] }, { keys: {} }, { keys: null }, { keys: 'one' }, { Keys: [{}] }]) {
      it(`refuses ${JSON.stringify(body)}`, async (t) => {
        const issuer = await startIssuer(t, { keys: json(body) });
        const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'no_keys');
        assert.match(error.message, /at least one key/);
      });
    }
  });
});
