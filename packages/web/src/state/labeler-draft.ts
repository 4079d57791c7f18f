import type { Labeler } from '@labelwright/contract/labelers';

/** Options of a technique, as JSON. */
export type Options = Readonly<Record<string, unknown>>;

export interface LabelerDraft {
  readonly name: string;
  readonly with: Options;
  readonly costUsd: number;
}

/** What was typed and not saved, so that closing the editor loses nothing. For as long as the page lives. */
export const labelerDrafts = new Map<string, LabelerDraft>();

interface Prefill {
  readonly term?: string | undefined;
  readonly label?: string | undefined;
}

/** What an editor begins with. */
export function draftFor(
  labeler: Labeler | undefined,
  technique: string,
  { term, label }: Prefill,
  labels: readonly string[],
): LabelerDraft {
  if (labeler) return { name: labeler.name, with: labeler.with, costUsd: labeler.costUsd };
  return { name: term ? `${term} → ${label ?? labels[0]}` : '', with: beginning(technique, term, label ?? labels[0], labels), costUsd: 0 };
}

function beginning(technique: string, term: string | undefined, label: string, labels: readonly string[]): Options {
  if (technique === 'regex') return { pattern: term ? escaped(term) : '', label };
  if (technique === 'keywords') return { words: term ? [term] : [], label };
  if (technique === 'expression') return { when: '', label };
  if (technique === 'decision-table') return { table: `text,label\n,${label}\n`, hitPolicy: 'first' };
  if (technique === 'rule-set') {
    // oxlint-disable unicorn/no-thenable -- data, never a function; the word that every rule language uses
    const rules = [
      { name: 'short', when: 'size(text) < 40', then: { fact: { points: 'points + 1' } } },
      { name: 'loud', when: 'text.contains("!")', then: { fact: { points: 'points + 1' } } },
      { name: 'enough points', when: 'points >= 2', then: { label: labels[0] } },
    ];
    // oxlint-enable unicorn/no-thenable
    return { facts: { points: 0 }, rules };
  }
  return {};
}

function escaped(term: string): string {
  return `\\b${term.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\\b`;
}

/** Whether there is enough to try it out: an empty pattern is no mistake yet. */
export function isComplete(technique: string, options: Options): boolean {
  const isFilled = (value: unknown) => (Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value.trim() !== '');
  if (technique === 'regex')
    return isFilled(options.pattern) || isFilled(options.patterns) || rulesIn(options).some(({ pattern }) => isFilled(pattern));
  if (technique === 'keywords') return isFilled(options.words) || Object.values(options.dictionary ?? {}).some(isFilled);
  if (technique === 'expression') return isFilled(options.when) || rulesIn(options).some(({ when }) => isFilled(when));
  return true;
}

function rulesIn(options: Options): Record<string, unknown>[] {
  return Array.isArray(options.rules) ? (options.rules as Record<string, unknown>[]) : [];
}

/** Rows that nobody filled in yet are left out of what is tried and saved. */
export function withoutEmptyRows(technique: string, options: Options): Options {
  const key = technique === 'regex' ? 'pattern' : technique === 'expression' ? 'when' : undefined;
  if (key !== undefined && Array.isArray(options.rules)) return { ...options, rules: rulesIn(options).filter((rule) => rule[key] !== '') };
  if (technique !== 'keywords' || options.dictionary === undefined) return options;
  const filled = Object.entries(options.dictionary as Record<string, string[]>).filter(([, words]) => words.length > 0);
  return { ...options, dictionary: Object.fromEntries(filled) };
}

/** An option that is a word, or what stands in for it. */
export function wordOf(value: unknown, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise;
}

/** A changed option; undefined takes it away, so that its default holds. */
export function changed(options: Options, change: Options): Options {
  return Object.fromEntries(Object.entries({ ...options, ...change }).filter(([, value]) => value !== undefined));
}
