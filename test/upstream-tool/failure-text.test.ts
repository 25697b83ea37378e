/** The few lines that stand for a failed spec. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failureText, lastExchange, readExchanges } from '../../tools/upstream/failure-text.ts';

const AT = '2026/01/02 03:04:05';

const request = (line: string, body = ''): string =>
  `${AT} [Debug] Request:\n${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: [redacted]\r\n\r\n${body}\n`;
const response = (status: string, body = ''): string =>
  `${AT} [Debug] Response:\nHTTP/1.1 ${status}\r\nContent-Type: application/json\r\n\r\n${body}\n\n`;

describe("the client's debug log", () => {
  it('is read as requests with their answers', () => {
    const output = [
      'Setup...\n',
      request('POST /v1/keys', '{"name":"one"}'),
      `${AT} [Debug] Sending HTTP request message...\n${AT} [DEBUG] POST http://127.0.0.1/v1/keys\n`,
      response('201 Created', '{"id":"1"}'),
      'CreateKey response:\n{\n\n}\n',
      request('DELETE /v1/keys/1'),
      response('204 No Content'),
      request('GET /v1/keys/1'),
    ].join('');
    assert.deepEqual(readExchanges(output), [
      { method: 'POST', target: '/v1/keys', status: 201, body: '{"id":"1"}' },
      { method: 'DELETE', target: '/v1/keys/1', status: 204, body: '' },
      { method: 'GET', target: '/v1/keys/1', status: undefined, body: '' },
    ]);
  });

  it('may hold no request at all', () => {
    assert.deepEqual(readExchanges('Setup...\nFinished setup.\n'), []);
    assert.equal(lastExchange({ output: '' }), '');
  });
});

describe('the text of a failure', () => {
  it('shows what was expected, the line of the test and the last answers', () => {
    const message = 'suite_test.go:7\nExpected\n    <int>: 404\nto equal\n    <int>: 201\nsuite_test.go:12';
    const text = failureText({ message, output: request('POST /v1/keys') + response('404 Not Found', '{"errors":[]}') });
    assert.equal(
      text,
      [
        '    suite_test.go:7',
        '    Expected',
        '        <int>: 404',
        '    to equal',
        '        <int>: 201',
        '    suite_test.go:12',
        '    POST /v1/keys → 404 {"errors":[]}',
      ].join('\n'),
    );
  });

  it('leaves out the depth of objects and how to print more of them', () => {
    const message = [
      'Expected',
      '    <*core.SDKProblem | 0xc0001>: ',
      '    There is nothing at this address.',
      '    {',
      '        IBMProblem: {',
      '            Summary: "There is nothing at this address.",',
      '        },',
      '    ...',
      "Gomega truncated this representation as it exceeds 'format.MaxLength'.",
      "Consider having the object provide a custom 'GomegaStringer' representation",
      "or adjust the parameters in Gomega's 'format' package.",
      '',
      'Learn more here: https://onsi.github.io/gomega/#adjusting-output',
      'to be nil',
      'suite_test.go:12',
    ].join('\n');
    assert.deepEqual(
      failureText({ message, output: '' })
        .split('\n')
        .map((line) => line.slice(4)),
      ['Expected', '    <*core.SDKProblem | 0xc0001>:', '    There is nothing at this address.', '    {', 'to be nil', 'suite_test.go:12'],
    );
  });

  it('is bounded, whatever the stack, the body and the number of requests', () => {
    const message = ['Test Panicked', ...Array.from({ length: 500 }, (_, index) => `frame ${index}`)].join('\n');
    const output = Array.from({ length: 50 }, (_, index) => request(`GET /v1/keys/${index}`) + response('200 OK', 'x'.repeat(10_000))).join(
      '',
    );
    const lines = failureText({ message, output }).split('\n');
    assert.ok(lines.length <= 20, String(lines.length));
    assert.ok(lines.includes('    … (486 more lines)'));
    assert.equal(lines.filter((line) => line.includes('GET /v1/keys/')).length, 3);
    assert.match(lines.at(-1) ?? '', /^ {4}GET \/v1\/keys\/49 → 200 x{400}…$/);
  });
});
