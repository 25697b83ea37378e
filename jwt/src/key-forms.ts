import { Buffer } from 'node:buffer';
import { type Algorithm, algorithmsOf, type KeyForm } from './algorithms.ts';

/** All that is known about one form of key. */
export interface KeyFormRow {
  readonly kty: string;
  readonly crv: string | undefined;
  /** The members with key material, all canonical base64url. */
  readonly material: readonly string[];
  /** Every member of the thumbprint, in its order (RFC 7638 section 3.2, RFC 8037 section 2). */
  readonly thumbprintMembers: readonly string[];
  readonly algorithms: readonly Algorithm[];
  /** Why the decoded material is refused; undefined when it is not. */
  readonly problem: (material: Readonly<Record<string, Buffer>>) => string | undefined;
}

const rows: readonly KeyFormRow[] = [
  {
    kty: 'RSA',
    crv: undefined,
    material: ['n', 'e'],
    thumbprintMembers: ['e', 'kty', 'n'],
    algorithms: algorithmsOf('RSA'),
    problem: rsaProblem,
  },
  ellipticCurve('P-256', 32),
  ellipticCurve('P-384', 48),
  {
    kty: 'OKP',
    crv: 'Ed25519',
    material: ['x'],
    thumbprintMembers: ['crv', 'kty', 'x'],
    algorithms: algorithmsOf('Ed25519'),
    problem: ed25519Problem,
  },
];

/** The row for `kty` and `crv` (RFC 7518 section 6.1, RFC 8037 section 2); undefined when no such key is accepted. */
export function readKeyForm(kty: unknown, crv: unknown): KeyFormRow | undefined {
  return rows.find((row) => row.kty === kty && (row.crv === undefined || row.crv === crv));
}

// Whether the point is on the curve is OpenSSL's to say, when it imports the key.
function ellipticCurve(crv: KeyForm, size: number): KeyFormRow {
  return {
    kty: 'EC',
    crv,
    material: ['x', 'y'],
    thumbprintMembers: ['crv', 'kty', 'x', 'y'],
    algorithms: algorithmsOf(crv),
    problem: ({ x, y }) =>
      x?.length === size && y?.length === size ? undefined : `The coordinates of a ${crv} key must have ${size} bytes each.`,
  };
}

function rsaProblem({ n, e }: Readonly<Record<string, Buffer>>): string | undefined {
  if (e?.toString('hex') !== '010001') return 'The public exponent of an RSA key must be 65537.';
  const first = n?.at(0);
  const last = n?.at(-1);
  if (n === undefined || first === undefined || last === undefined) return 'The modulus of the RSA key is missing.';
  // RFC 7518 section 2, Base64urlUInt: a leading zero would give one key two thumbprints.
  if (first === 0) return 'The modulus of an RSA key must not start with a zero byte.';
  const bits = n.length * 8 - (Math.clz32(first) - 24);
  if (bits < 2048 || bits > 4096) return 'The modulus of an RSA key must have 2048 to 4096 bits.';
  return last % 2 === 1 ? undefined : 'The modulus of an RSA key must be odd.';
}

const fieldPrime = 2n ** 255n - 19n;
// One y coordinate of the points of order 8; the other is its negative.
const orderEightY = readLittleEndian(Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex'));
// Under a key of small order, some signatures hold for every message or for one message in eight; OpenSSL does not look.
const smallOrderY: readonly bigint[] = [0n, 1n, fieldPrime - 1n, orderEightY, fieldPrime - orderEightY];

function ed25519Problem({ x }: Readonly<Record<string, Buffer>>): string | undefined {
  if (x?.length !== 32) return 'An Ed25519 key must have 32 bytes.';
  const y = readLittleEndian(x) & (2n ** 255n - 1n); // the top bit is the sign of the other coordinate
  if (y >= fieldPrime) return 'The Ed25519 key is not encoded canonically.'; // RFC 8032 section 5.1.3
  return smallOrderY.includes(y) ? 'The Ed25519 key is a point of small order.' : undefined;
}

function readLittleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
