import type { Random } from '../math/random.ts';
import { CoreError } from '../model/errors.ts';
import type { Item } from '../model/item.ts';
import { foundRows, isMade } from '../model/made.ts';

/** What people found when they checked a uniform random sample, drawn without replacement from n items whose machine labels and scores were
 *  frozen before the draw. Item `item[a]` has the right machine label where `right[a]` is 1. */
export interface AuditSample {
  readonly item: Int32Array;
  readonly right: Uint8Array;
}

/** The items to audit: `size` of 0..n−1, each subset equally likely (Floyd's method), ascending. */
export function drawAudit(n: number, size: number, random: Random): Int32Array {
  if (!(size >= 0 && size <= n)) throw new CoreError('bad-audit', `audit: size must be 0..${n}, got ${size}`);
  const drawn = new Set<number>();
  for (let last = n - size; last < n; last++) {
    const candidate = random.integer(last + 1);
    drawn.add(drawn.has(candidate) ? last : candidate);
  }
  return Int32Array.from(drawn).sort();
}

/** The items to audit among `items`, as rows, ascending: of those that were found only. What was made says nothing of the data's errors. */
export function drawAuditOf(items: readonly Pick<Item, 'fields'>[], size: number, random: Random): Int32Array {
  const found = foundRows(items);
  return drawAudit(found.length, size, random).map((at) => found[at]);
}

/** Pass the `items` where you have them. @throws CoreError 'bad-audit' where an item is out of range, was audited twice, or was made */
export function checkAudit(audit: AuditSample, n: number, items?: readonly Pick<Item, 'fields'>[]): AuditSample {
  const seen = new Set<number>();
  const made = audit.item.find((item) => items !== undefined && items[item] !== undefined && isMade(items[item]));
  if (made !== undefined) throw new CoreError('bad-audit', `audit: item ${made} was made, not found: it proves nothing about the data`);
  for (const item of audit.item) {
    if (!(item >= 0 && item < n)) throw new CoreError('bad-audit', `audit: item must be 0..${n - 1}, got ${item}`);
    if (seen.has(item)) throw new CoreError('bad-audit', `audit: item ${item} is there twice`);
    seen.add(item);
  }
  if (audit.right.length !== audit.item.length) {
    throw new CoreError('bad-audit', `audit: expected ${audit.item.length} findings, got ${audit.right.length}`);
  }
  return audit;
}

/** Items by descending score; equal scores keep their order. */
export function byScore(score: Float64Array): Int32Array {
  return Int32Array.from(score.keys()).sort((a, b) => score[b] - score[a] || a - b);
}
