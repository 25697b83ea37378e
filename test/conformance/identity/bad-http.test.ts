import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

/** Sends bytes as they are and returns all that comes back. */
function send(bytes: string): Promise<string> {
  const { hostname, port } = new URL(world.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}

test('what is not HTTP gets an error envelope and the end of the connection', async () => {
  const reply = await send('NOT HTTP AT ALL\r\n\r\n');
  assert.match(reply, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.equal(JSON.parse(reply.split('\r\n\r\n')[1] ?? '').status_code, 400);
});

test('a head that is too large is answered 431 in an error envelope', async () => {
  const reply = await send(`GET /v1/profiles HTTP/1.1\r\nHost: x\r\nX-Large: ${'a'.repeat(40_000)}\r\n\r\n`);
  assert.match(reply, /^HTTP\/1\.1 431 /);
  assert.equal(JSON.parse(reply.split('\r\n\r\n')[1] ?? '').errors[0].code, 'invalid_parameter');
});
