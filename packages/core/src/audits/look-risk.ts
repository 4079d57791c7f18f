import { CoreError } from '../model/errors.ts';

/** How much of the risk one look at the data may use, so that all looks together break their promises with probability at most `risk`.
 *  Without a plan: 6 / (π² t²) of it at look t, which sums to 1 over all t; the first look gets 61 %. With `planned` looks: equal parts.
 *  Each look must have its own fresh random sample, or reuse the old one as a whole; either way the union bound holds.
 *  @param look 1 for the first */
export function lookRisk(risk: number, look: number, planned?: number): number {
  if (!(Number.isInteger(look) && look >= 1) || (planned !== undefined && !(look <= planned))) {
    throw new CoreError('bad-look', `look must be a whole number from 1${planned === undefined ? '' : ` to ${planned}`}, got ${look}`);
  }
  return planned === undefined ? (6 * risk) / (Math.PI * look) ** 2 : risk / planned;
}
