import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type JsonObject, JwtError, parseJsonObject } from '../src/index.ts';
import { readReferenceJson } from './reference-json.ts';
import { refusal } from './tokens.ts';

function parse(text: string): unknown {
  return parseJsonObject(Buffer.from(text));
}

function nested(depth: number, open: string, close: string): string {
  return `{"a":${open.repeat(depth - 1)}1${close.repeat(depth - 1)}}`;
}

describe('parseJsonObject', () => {
  it('reads every kind of value', () => {
    const text = '{"a":[1,-0.5e3,true,false,null,"\\u00e9\\n\\ud83d\\ude00"], "b" : {"c":{}} , "d":[]}';
    assert.deepEqual(JSON.parse(JSON.stringify(parse(text))), JSON.parse(text));
  });

  it('makes frozen objects without a prototype, at every depth', () => {
    const outer = parseJsonObject(Buffer.from('{"a":{"b":[{"c":1}]}}'));
    const a = outer.a as JsonObject;
    const b = a.b as readonly JsonObject[];
    for (const object of [outer, a, b[0]]) assert.equal(Object.getPrototypeOf(object), null);
    for (const value of [outer, a, b, b[0]]) assert.ok(Object.isFrozen(value));
  });

  it('takes __proto__ and constructor for plain names', () => {
    const object = parseJsonObject(Buffer.from('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'));
    assert.deepEqual(Object.keys(object), ['__proto__', 'constructor']);
    assert.equal(object.admin, undefined);
    assert.equal(object.toString, undefined);
    assert.equal(Object.hasOwn(Object.prototype, 'admin'), false);
  });

  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"\\u0061":3}',
    '{"x":[{"y":{"a":1,"a":{"b":2}}}]}',
    '{"__proto__":1,"__proto__":2}',
    '{"1":1,"1":2}',
    '{"":1,"":2}',
    '{"a\\\\":":","a\\\\":1}',
    '{"a":{"b":1,"c":2},"a":{}}',
  ]) {
    it(`refuses the repeated name in ${text}`, () => {
      assert.throws(() => parse(text), refusal('malformed', /a member name twice/));
    });
  }

  for (const text of ['{"a":{"a":{"a":1}}}', '{"a":"\\":\\\\","b":":::"}', '{"a":"A","A":1}', '{"é":1,"e\u0301":2}', '{" a":1,"a":2}']) {
    it(`accepts ${text}, where no name is repeated`, () => {
      assert.doesNotThrow(() => parse(text));
    });
  }

  for (const text of [
    '',
    ' ',
    '[]',
    '1',
    '"a"',
    'null',
    '{',
    '{}}',
    '{}{}',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    '{"a":01}',
    '{"a":NaN}',
    '{"a":1}//',
    '\ufeff{}',
  ]) {
    it(`refuses ${JSON.stringify(text)}, which is not a JSON object`, () => {
      assert.throws(() => parse(text), refusal('malformed'));
    });
  }

  it('refuses bytes that are not UTF-8', () => {
    for (const bytes of ['ff', 'c0af', 'eda080', 'f8888080', 'c3']) {
      assert.throws(() => parseJsonObject(Buffer.from(`7b2261223a22${bytes}227d`, 'hex')), refusal('malformed', /UTF-8/));
    }
  });

  it('refuses a lone surrogate in a name and in a value, and accepts a pair', () => {
    assert.throws(() => parse('{"a":"\\ud800"}'), refusal('malformed', /surrogate/));
    assert.throws(() => parse('{"a":[{"\\udc00":1}]}'), refusal('malformed', /surrogate/));
    assert.doesNotThrow(() => parse('{"a":"\\ud83d\\ude00"}'));
  });

  it('accepts 32 levels and refuses 33, of arrays and of objects', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      assert.doesNotThrow(() => parse(nested(32, open, close)));
      assert.throws(() => parse(nested(33, open, close)), refusal('malformed', /deeper than 32/));
      assert.throws(() => parse(nested(2000, open, close)), refusal('malformed', /deeper than 32/));
    }
  });

  it('reads an escaped name the same whatever was read before', () => {
    // V8 13.6 takes the second name for `\\u0` once the first text has passed through JSON.parse (nodejs/node#63785).
    const primer = '{"iss":"i","\\\\u0":1}';
    const text = '{"iss":"i","\\u0061ud":"y"}';
    JSON.parse(primer);
    parse(primer);
    assert.deepEqual(Object.keys(parse(text) as object), ['iss', 'aud']);
    assert.throws(() => parse('{"iss":"i","\\u0061ud":"y","aud":"z"}'), refusal('malformed', /a member name twice/));
  });

  it('quotes nothing of the text in its message', () => {
    assert.throws(
      () => parse('{"secret-of-the-pod" 1}'),
      (error) => error instanceof JwtError && !error.message.includes('secret') && error.cause === undefined,
    );
  });
});

/** JSON texts from trees whose members are lists, so that names repeat, with escapes and white space strewn in. */
const name = fc.oneof(
  fc.constantFrom('"a"', '"\\u0061"', '"b"', '"a:"', '"\\""', '"\\\\"', '"__proto__"', '"1"', '""'),
  fc.string().map((s) => JSON.stringify(s)),
);
const space = fc.constantFrom('', '', '', ' ', '\n\t');
const { value: jsonText } = fc.letrec<{ value: string; object: string; array: string; scalar: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, tie('scalar'), tie('object'), tie('array')),
  scalar: fc.oneof(name, fc.constantFrom('0', '-1.5e+3', 'true', 'false', 'null', '1e999', '01', '"\\ud800"', '"\u2028"', '"\t"')),
  array: fc.tuple(fc.array(tie('value'), { maxLength: 4 }), space).map(([items, gap]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
  object: fc
    .tuple(fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }), space)
    .map(([members, gap]) => `{${gap}${members.map(([key, value]) => `${key}${gap}:${gap}${value}`).join(`${gap},`)}${gap}}`),
}));

/** The same texts with a few characters cut out and put in. */
const brokenText = fc
  .tuple(
    jsonText,
    fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom('', '{', '}', '[', ']', '"', ':', ',', '\\', '\\u', ' ', '0', '-', 'a')), {
      maxLength: 3,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((now, [at, cut, put]) => now.slice(0, at % (now.length + 1)) + put + now.slice((at % (now.length + 1)) + cut), text),
  );

function agrees(text: string): void {
  const reference = readReferenceJson(text);
  if (reference === undefined) assert.throws(() => parse(text), refusal('malformed'));
  else assert.deepEqual(parse(text), reference);
}

describe('parseJsonObject beside the reference reader', () => {
  it('agrees on texts with repeated names', () => fc.assert(fc.property(jsonText, agrees), { numRuns: 3000 }));

  it('agrees on broken texts', () => fc.assert(fc.property(brokenText, agrees), { numRuns: 3000 }));

  it('agrees on what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' })), (value) =>
        agrees(JSON.stringify(value)),
      ),
      { numRuns: 1000 },
    );
  });

  it('throws nothing but a JwtError for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          parseJsonObject(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof JwtError);
        }
      }),
    );
  });
});
