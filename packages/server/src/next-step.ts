import type { Overview } from '@labelwright/contract/projects';

/** Where a question stands, as far as it matters for what to do next. */
export interface Standing {
  readonly items: number;
  /** Switched on. */
  readonly labelers: number;
  readonly answers: number;
  /** 'none' before the first run; 'stale' where labelers, items or settings have changed since. */
  readonly run: 'none' | 'under-way' | 'stale' | 'fresh';
  readonly accepted: number;
  readonly waiting: number;
  readonly flagged: number;
  /** Answers that the last run did not know. */
  readonly newAnswers: number;
  readonly secondsPerItem: number | null;
}

/** So many answers that the machine has something to learn from them: at least these, or a hundredth of the items. */
const leastNewAnswers = 25;

/** The next best thing, with its reason. */
export function nextStep(standing: Standing): Overview['next'] {
  const { items, labelers, answers, run, accepted, waiting, flagged, newAnswers } = standing;
  const count = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
  if (items === 0) return { action: 'import', title: 'Import items', reason: 'There is nothing to label yet.' };
  if (labelers === 0 && answers === 0)
    return {
      action: 'add-labelers',
      title: 'Add labelers',
      reason: `${count(items, 'item')}, and nobody to answer: a few rules cover most of them.`,
    };
  if (run === 'under-way')
    return { action: 'run', title: 'Wait for the run', reason: 'A run is under way; its results come by themselves.' };
  if (run === 'none')
    return { action: 'run', title: 'Run the labelers', reason: `${count(Math.max(labelers, 0), 'labeler')} and no run yet.` };
  if (run === 'stale') return { action: 'run', title: 'Run again', reason: 'Labelers, items or settings have changed since the last run.' };
  if (newAnswers >= Math.max(leastNewAnswers, items / 100))
    return { action: 'run', title: 'Run again', reason: `${count(newAnswers, 'answer')} of people came after the last run.` };
  if (waiting > 0) return { action: 'label', title: `Label ${count(waiting, 'item')}`, reason: labelReason(standing) };
  if (flagged > 0)
    return {
      action: 'review-flagged',
      title: `Review ${count(flagged, 'flagged item')}`,
      reason: 'People were not sure about them and asked for a decision.',
    };
  return { action: 'export', title: 'Export', reason: `Nothing waits: ${count(accepted, 'item')} accepted.` };
}

function labelReason({ waiting, secondsPerItem }: Standing): string {
  const sorted = 'The machine is not sure enough of them; the least sure come first';
  if (secondsPerItem === null) return `${sorted}.`;
  const minutes = Math.ceil((waiting * secondsPerItem) / 60);
  return `${sorted}, about ${minutes.toLocaleString('en')} minute${minutes === 1 ? '' : 's'} at your pace.`;
}
