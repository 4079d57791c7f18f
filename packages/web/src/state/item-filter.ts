import { itemFilter, type ItemFilter } from '@labelwright/contract/items';

/** One condition of a filter, in words. */
export interface FilterChip {
  /** `answer`, `decision`, … or `field 0`. */
  readonly key: string;
  readonly text: string;
}

export const decisionWords: Readonly<Record<NonNullable<ItemFilter['decision']>[number], string>> = {
  accepted: 'accepted',
  uncertain: 'uncertain',
  'no-votes': 'no votes',
  answered: 'answered',
};

export const comparisonWords: Readonly<Record<NonNullable<ItemFilter['field']>[number]['is'], string>> = {
  equals: 'is',
  contains: 'contains',
  above: 'above',
  below: 'below',
  empty: 'is empty',
};

/** As it came in a URL: an object, or JSON of one. What cannot be read filters nothing. */
export function readFilter(given: unknown): ItemFilter | undefined {
  try {
    const read = itemFilter.safeParse(typeof given === 'string' ? JSON.parse(given) : given);
    return read.success && !isEmpty(read.data) ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** Without what says nothing, so that the same filter is the same URL. */
export function tidy(filter: ItemFilter): ItemFilter {
  const parts = Object.entries(filter).filter(
    ([, value]) => value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(parts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function isEmpty(filter: ItemFilter): boolean {
  return Object.keys(tidy(filter)).length === 0;
}

/** All conditions but the search, which has a field of its own. */
export function chipsOf(filter: ItemFilter, titleOf: (label: string) => string): FilterChip[] {
  const chips: FilterChip[] = [];
  if (filter.answer?.length) chips.push({ key: 'answer', text: `answer ${filter.answer.map(titleOf).join(' or ')}` });
  if (filter.decision?.length) chips.push({ key: 'decision', text: filter.decision.map((each) => decisionWords[each]).join(' or ') });
  if (filter.probability) {
    const { from, to } = filter.probability;
    chips.push({ key: 'probability', text: `probability ${Math.round(from * 100)}–${Math.round(to * 100)} %` });
  }
  if (filter.voted) {
    const { labeler, label } = filter.voted;
    chips.push({ key: 'voted', text: label === undefined ? `${labeler} voted` : `${labeler} voted ${titleOf(label)}` });
  }
  if (filter.disagreement) chips.push({ key: 'disagreement', text: 'labelers disagree' });
  if (filter.flipped) {
    const { from, to } = filter.flipped;
    const which = from === undefined && to === undefined ? '' : `: ${from ?? 'any'} → ${to ?? 'any'}`;
    chips.push({ key: 'flipped', text: `a run flipped it${which}` });
  }
  if (filter.flagged) chips.push({ key: 'flagged', text: 'flagged' });
  for (const [index, { name, is, value }] of (filter.field ?? []).entries())
    chips.push({ key: `field ${index}`, text: `${name} ${comparisonWords[is]}${is === 'empty' ? '' : ` ${value ?? ''}`}` });
  if (filter.ordinals?.length)
    chips.push({ key: 'ordinals', text: filter.ordinals.length === 1 ? '1 item' : `${filter.ordinals.length} items` });
  return chips;
}

export function withoutChip(filter: ItemFilter, key: string): ItemFilter {
  const index = /^field (\d+)$/.exec(key)?.[1];
  if (index !== undefined) return tidy({ ...filter, field: filter.field?.filter((_, at) => at !== Number(index)) });
  return tidy({ ...filter, [key]: undefined });
}
