import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits, for links, cookies and headers. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database keeps of a token: with 256 random bits, a plain hash cannot be turned round. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Takes as long for a near miss as for a far one. */
export function isSameToken(given: string, expected: string): boolean {
  return timingSafeEqual(hashToken(given), hashToken(expected));
}
