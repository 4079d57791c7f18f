import { findWords, foldWord } from '../features/words.ts';
import { holm, mcNemar } from '../math/share-differences.ts';
import { type Interval, wilson } from '../math/statistics.ts';
import { CoreError } from '../model/errors.ts';
import { itemId, type LabelId } from '../model/ids.ts';
import { type Item, textOf } from '../model/item.ts';
import { type Made, madeField } from '../model/made.ts';

/** Words of two groups that are exchanged for each other: `[['he', 'she'], ['John', 'Amina']]`. */
export type Swaps = readonly (readonly [first: string, second: string])[];

/** The same item with the groups exchanged. */
export interface SwappedItem {
  readonly original: Item;
  /** Marked as made: it may be asked about, never audited or trained on. */
  readonly swapped: Item;
  /** Which group the original names; `both`: words of both groups were exchanged. */
  readonly group: 'first' | 'second' | 'both';
}

/** Items that name a group, with the groups exchanged in both directions; whole words, capitals as they were. Items that name none are left out.
 *  Words with several meanings ("her") make sentences that nobody would write: leave them out.
 *  @throws CoreError 'bad-swap' for what is not one word, or is there twice */
export function swapItems(items: Iterable<Item>, swaps: Swaps, part: string): SwappedItem[] {
  const exchange = exchangeOf(swaps);
  const pairs: SwappedItem[] = [];
  for (const original of items) {
    const { text, groups } = swapWords(textOf(original, part), exchange);
    if (groups.size === 0) continue;
    const mark: Made = { kind: 'counterfactual', parents: [original.id], prompt: 'swap-test', by: 'labelwright' };
    const swapped: Item = {
      id: itemId(`swapped-${original.id}`.slice(0, 512)),
      parts: { ...original.parts, [part]: { modality: 'text', content: text } },
      fields: { ...original.fields, [madeField]: mark },
    };
    pairs.push({ original, swapped, group: groups.size === 2 ? 'both' : groups.has('first') ? 'first' : 'second' });
  }
  return pairs;
}

export interface SwapReport {
  /** Pairs of which both were answered. */
  readonly pairs: number;
  /** Share of pairs whose label changed; Wilson's at 95 %. Compare with what changes when the same item is simply asked twice. */
  readonly flips: Interval;
  /** Per label: how often it was given only when the first group was named, and only when the second was. `pValue`: exact McNemar, corrected
   *  for the number of labels (Holm). Pairs that name both groups do not count here. */
  readonly labels: readonly { readonly label: LabelId; readonly onlyFirst: number; readonly onlySecond: number; readonly pValue: number }[];
  readonly warnings: readonly string[];
}

/** Does the answer depend on which group is named? @param answers of the original and the swapped item, in the order of the pairs */
export function swapReport(
  pairs: readonly Pick<SwappedItem, 'group'>[],
  answers: readonly { readonly original: LabelId | undefined; readonly swapped: LabelId | undefined }[],
  labels: readonly LabelId[],
  risk = 0.05,
): SwapReport {
  if (answers.length !== pairs.length)
    throw new CoreError('bad-swap', `swap-test: expected ${pairs.length} answers, got ${answers.length}`);
  let answered = 0;
  let flips = 0;
  const onlyFirst = new Map<LabelId, number>();
  const onlySecond = new Map<LabelId, number>();
  const count = (counts: Map<LabelId, number>, label: LabelId): unknown => counts.set(label, (counts.get(label) ?? 0) + 1);
  for (const [i, { original, swapped }] of answers.entries()) {
    if (original === undefined || swapped === undefined) continue;
    answered += 1;
    if (original === swapped) continue;
    flips += 1;
    if (pairs[i].group === 'both') continue;
    const namesFirst = pairs[i].group === 'first';
    count(onlyFirst, namesFirst ? original : swapped);
    count(onlySecond, namesFirst ? swapped : original);
  }
  const raw = labels.map((label) => ({ label, onlyFirst: onlyFirst.get(label) ?? 0, onlySecond: onlySecond.get(label) ?? 0 }));
  const corrected = holm(raw.map((one) => mcNemar(one.onlyFirst, one.onlySecond)));
  const rows = raw.map((one, at) => ({ ...one, pValue: corrected[at] }));
  const warnings = rows
    .filter(({ pValue }) => pValue <= risk)
    .map(
      (one) =>
        `'${one.label}' depends on the group that is named: ${one.onlyFirst} times only with the first, ${one.onlySecond} times only with the second, of ${answered} pairs`,
    );
  return { pairs: answered, flips: wilson(flips, answered), labels: rows, warnings };
}

interface Exchange {
  readonly to: string;
  readonly group: 'first' | 'second';
}

function exchangeOf(swaps: Swaps): Map<string, Exchange> {
  const exchange = new Map<string, Exchange>();
  const add = (from: string, to: string, group: Exchange['group']): void => {
    const bounds: number[] = [];
    findWords(from, bounds);
    if (bounds.length !== 2 || bounds[1] - bounds[0] !== from.length)
      throw new CoreError('bad-swap', `swap-test: '${from}' is not one word`);
    if (exchange.has(foldWord(from))) throw new CoreError('bad-swap', `swap-test: '${from}' is there twice`);
    exchange.set(foldWord(from), { to, group });
  };
  for (const [first, second] of swaps) {
    add(first, second, 'first');
    add(second, first, 'second');
  }
  return exchange;
}

function swapWords(text: string, exchange: ReadonlyMap<string, Exchange>): { text: string; groups: Set<Exchange['group']> } {
  const bounds: number[] = [];
  findWords(text, bounds);
  const groups = new Set<Exchange['group']>();
  let swapped = '';
  let last = 0;
  for (let at = 0; at < bounds.length; at += 2) {
    const word = text.slice(bounds[at], bounds[at + 1]);
    const found = exchange.get(foldWord(word));
    if (found === undefined) continue;
    groups.add(found.group);
    swapped += text.slice(last, bounds[at]) + asWritten(found.to, word);
    last = bounds[at + 1];
  }
  return { text: swapped + text.slice(last), groups };
}

/** HE → SHE, He → She, he → she; John → Amina as it is listed where its first letter says the same. */
function asWritten(word: string, like: string): string {
  if (like.length > 1 && like === like.toUpperCase() && like !== like.toLowerCase()) return word.toUpperCase();
  const [head] = like;
  if (head !== head.toLowerCase()) return word.charAt(0).toUpperCase() + word.slice(1);
  return head === head.toUpperCase() ? word : word.charAt(0).toLowerCase() + word.slice(1);
}
