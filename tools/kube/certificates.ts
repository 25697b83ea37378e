/**
 * Makes the certificate authority and the server certificate of a test cluster.
 * Node reads X.509 but does not write it; encoding two small certificates here spares the harness from needing `openssl`.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate with its private key, both PEM. */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** The chain a test server presents: clients trust `caPem`, the server uses `server`. */
export interface ServerCertificates {
  readonly caPem: string;
  readonly server: IssuedCertificate;
}

interface CertificateContent {
  readonly subject: string;
  readonly issuer: string;
  readonly subjectKey: KeyObject;
  readonly issuerKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

const DAY_MS = 86_400_000;
const VALID_DAYS = 7;

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;

const OID = {
  commonName: [2, 5, 4, 3],
  ecdsaWithSha256: [1, 2, 840, 10045, 4, 3, 2],
  subjectKeyIdentifier: [2, 5, 29, 14],
  keyUsage: [2, 5, 29, 15],
  subjectAltName: [2, 5, 29, 17],
  basicConstraints: [2, 5, 29, 19],
  authorityKeyIdentifier: [2, 5, 29, 35],
  extendedKeyUsage: [2, 5, 29, 37],
  serverAuth: [1, 3, 6, 1, 5, 5, 7, 3, 1],
} as const;

/** Issues a server certificate for 127.0.0.1 and localhost from a new authority whose key is then forgotten. Valid for a week. */
export function issueLoopbackCertificates(): ServerCertificates {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const caName = `podpass test authority ${randomBytes(4).toString('hex')}`;
  const caPem = issue({
    subject: caName,
    issuer: caName,
    subjectKey: ca.publicKey,
    issuerKey: ca.privateKey,
    extensions: [
      extension(OID.basicConstraints, sequence(der(TAG.boolean, Buffer.of(0xff))), true),
      extension(OID.keyUsage, bitString(Buffer.of(0b0000_0110), 1), true),
      extension(OID.subjectKeyIdentifier, der(TAG.octetString, keyIdentifier(ca.publicKey))),
    ],
  });
  const certificatePem = issue({
    subject: 'kube-apiserver',
    issuer: caName,
    subjectKey: server.publicKey,
    issuerKey: ca.privateKey,
    extensions: [
      extension(OID.basicConstraints, sequence(), true),
      extension(OID.keyUsage, bitString(Buffer.of(0b1000_0000), 7), true),
      extension(OID.extendedKeyUsage, sequence(objectIdentifier(OID.serverAuth))),
      extension(OID.subjectAltName, sequence(contextual(7, Buffer.of(127, 0, 0, 1)), contextual(2, Buffer.from('localhost')))),
      extension(OID.authorityKeyIdentifier, sequence(contextual(0, keyIdentifier(ca.publicKey)))),
    ],
  });
  const privateKeyPem = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { caPem, server: { certificatePem, privateKeyPem } };
}

function issue(content: CertificateContent): string {
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSha256));
  const now = Date.now();
  const body = sequence(
    der(0xa0, integer(Buffer.of(2))),
    integer(serialNumber()),
    algorithm,
    name(content.issuer),
    sequence(time(now - DAY_MS), time(now + VALID_DAYS * DAY_MS)),
    name(content.subject),
    publicKeyInfo(content.subjectKey),
    der(0xa3, sequence(...content.extensions)),
  );
  const certificate = sequence(body, algorithm, bitString(sign('sha256', body, content.issuerKey), 0));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Positive and without leading zeros: the first byte lies between 0x40 and 0x7f. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes;
}

function name(commonName: string): Buffer {
  return sequence(der(TAG.set, sequence(objectIdentifier(OID.commonName), der(TAG.utf8String, Buffer.from(commonName)))));
}

/** RFC 5280 asks for the two-digit year until 2049. */
function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(TAG.utcTime, Buffer.from(`${digits}Z`));
}

function publicKeyInfo(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** RFC 7093, method 4: any hash of the key information identifies the key. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256').update(publicKeyInfo(key)).digest().subarray(0, 20);
}

function extension(id: readonly number[], value: Buffer, critical = false): Buffer {
  const flag = critical ? [der(TAG.boolean, Buffer.of(0xff))] : [];
  return sequence(objectIdentifier(id), ...flag, der(TAG.octetString, value));
}

function contextual(tag: number, value: Buffer): Buffer {
  return der(0x80 | tag, value);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(TAG.sequence, Buffer.concat(parts));
}

function integer(value: Buffer): Buffer {
  return der(TAG.integer, value);
}

function bitString(value: Buffer, unusedBits: number): Buffer {
  return der(TAG.bitString, Buffer.concat([Buffer.of(unusedBits), value]));
}

function objectIdentifier([first = 0, second = 0, ...rest]: readonly number[]): Buffer {
  return der(TAG.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

function der(tag: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), length(value.length), value]);
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.of(size);
  return size < 0x100 ? Buffer.of(0x81, size) : Buffer.of(0x82, size >> 8, size & 0xff);
}
