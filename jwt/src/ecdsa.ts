import { Buffer } from 'node:buffer';

/**
 * Turns an ECDSA signature from r and s side by side (RFC 7518 section 3.4) into the DER of RFC 3279 section 2.2.3. Undefined when r or s is
 * zero: such a signature holds for every message in a verifier that does not look (CVE-2022-21449). That both are below the order of the
 * curve is OpenSSL's to check. The caller has checked the length; curves up to P-384 need no long form of DER's lengths.
 *
 * Node converts too (`dsaEncoding`), but verifying a P-256 signature that way takes 25 µs longer.
 */
export function readEcdsaSignature(signature: Buffer): Buffer | undefined {
  const half = signature.length / 2;
  const der = Buffer.allocUnsafe(2 + 2 * (half + 3));
  const endOfR = writeInteger(der, 2, signature.subarray(0, half));
  const end = endOfR && writeInteger(der, endOfR, signature.subarray(half));
  if (end === undefined) return undefined;
  der[0] = sequenceTag;
  der[1] = end - 2;
  return der.subarray(0, end);
}

const sequenceTag = 0x30;
const integerTag = 0x02;

/** Writes a positive DER integer and returns where it ends; undefined for zero. */
function writeInteger(der: Buffer, start: number, value: Buffer): number | undefined {
  const first = value.findIndex((byte) => byte !== 0);
  if (first === -1) return undefined;
  const signByte = (value[first] ?? 0) >= 0x80 ? 1 : 0; // DER integers are signed
  der[start] = integerTag;
  der[start + 1] = signByte + value.length - first;
  der[start + 2] = 0;
  const digits = start + 2 + signByte;
  return digits + value.copy(der, digits, first);
}
