import { CoreError } from '@labelwright/core/model/errors';
import { hash, verify } from '@node-rs/argon2';
import { commonPasswords } from './common-passwords.ts';
import { randomToken } from './random-token.ts';

/** argon2id, 19 MiB, two passes: OWASP's first choice. */
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

let nobodys: Promise<string> | undefined;

/** Takes as long where there is no such account, so that the time does not tell which accounts there are. */
export async function isPassword(password: string, passwordHash: string | null | undefined): Promise<boolean> {
  nobodys ??= hashPassword(randomToken());
  const isRight = await verify(passwordHash ?? (await nobodys), password);
  return isRight && passwordHash != null;
}

/** Length is the contract's matter; this refuses what everybody tries first. @throws CoreError 'weak-password' */
export function checkPassword(password: string, owner: { readonly name: string; readonly email: string }): void {
  const plain = password.toLowerCase();
  const bare = lettersOrDigits(plain);
  const own = [owner.email, owner.email.split('@')[0], owner.name, 'labelwright'].map((text) => lettersOrDigits(text.toLowerCase()));
  const isWeak =
    new Set(plain).size < 5 ||
    commonPasswords.has(plain) ||
    // "Password2024!" is "password" to those who guess.
    commonPasswords.has(plain.replace(/[^a-z]/g, '')) ||
    own.some((text) => text.length >= 4 && bare.includes(text) && bare.length - text.length < 6);
  if (isWeak) throw new CoreError('weak-password', 'This password is among the first that anybody would try: take another');
}

function lettersOrDigits(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '');
}
