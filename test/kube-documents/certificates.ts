/**
 * Writes the few X.509 certificates that these tests serve: P-256 keys, DER by hand (RFC 5280), so that no openssl and
 * no package is needed. For tests only.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP, SocketAddress } from 'node:net';

export interface Certificate {
  readonly name: string;
  readonly pem: string;
  /** PKCS #8 PEM. */
  readonly key: string;
}

export interface CertificateRequest {
  readonly name: string;
  readonly hosts?: readonly string[];
  readonly isCa?: boolean;
  /** Signed by itself where left out. */
  readonly issuer?: Certificate;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const DAY_MS = 86_400_000;

const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: readonly Buffer[]) => tlv(0x30, ...parts);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'));
const octets = (content: Buffer) => tlv(0x04, content);
const bits = (content: Buffer) => tlv(0x03, Buffer.from([0]), content);
const time = (at: Date) => tlv(0x18, Buffer.from(at.toISOString().replace(/[-:T]|\.\d+/g, ''), 'latin1'));
const TRUE = tlv(0x01, Buffer.from([0xff]));

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const SUBJECT_ALT_NAME = oid('551d11');
const BASIC_CONSTRAINTS = oid('551d13');
const KEY_USAGE = oid('551d0f');

const nameOf = (name: string) => sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(name)))));

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // Only loopback is needed, and it is the one IPv6 address with a spelling this simple.
  if (new SocketAddress({ address, family: 'ipv6' }).address === '::1') return Buffer.concat([Buffer.alloc(15), Buffer.from([1])]);
  throw new Error(`The tests write no certificate for ${address}.`);
}

const altName = (host: string) => (isIP(host) === 0 ? tlv(0x82, Buffer.from(host)) : tlv(0x87, addressBytes(host)));

function extensions({ hosts = [], isCa = false }: CertificateRequest): Buffer {
  const list = [sequence(BASIC_CONSTRAINTS, TRUE, octets(sequence(...(isCa ? [TRUE] : []))))];
  if (isCa) list.push(sequence(KEY_USAGE, TRUE, octets(tlv(0x03, Buffer.from([1, 0b0000_0110])))));
  if (hosts.length > 0) list.push(sequence(SUBJECT_ALT_NAME, octets(sequence(...hosts.map(altName)))));
  return tlv(0xa3, sequence(...list));
}

export function createCertificate(request: CertificateRequest): Certificate {
  const { name, issuer, notBefore = new Date(Date.now() - DAY_MS), notAfter = new Date(Date.now() + DAY_MS) } = request;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signingKey: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const serial = randomBytes(8);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ECDSA_SHA256,
    nameOf(issuer?.name ?? name),
    sequence(time(notBefore), time(notAfter)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(request),
  );
  const der = sequence(toBeSigned, ECDSA_SHA256, bits(sign('sha256', toBeSigned, signingKey)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    name,
    pem: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
