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
  readonly audit:
    | { readonly kind: 'open'; readonly left: number }
    | { readonly kind: 'short'; readonly more: number }
    | { readonly kind: 'none'; readonly wanted: number; readonly pool: number; readonly targetError: number }
    | { readonly kind: 'certified' }
    | { readonly kind: 'hopeless' };
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
  const audit = auditStep(standing);
  if (audit) return audit;
  if (waiting > 0) return { action: 'label', title: `Label ${count(waiting, 'item')}`, reason: labelReason(standing) };
  if (flagged > 0)
    return {
      action: 'review-flagged',
      title: `Review ${count(flagged, 'flagged item')}`,
      reason: 'People were not sure about them and asked for a decision.',
    };
  const proof = standing.audit.kind === 'certified' ? ', under a certificate' : '';
  return { action: 'export', title: 'Export', reason: `Nothing waits: ${count(accepted, 'item')} accepted${proof}.` };
}

/** A proof is cheap where far fewer items are to be checked than it speaks of, and comes after the labels: what is labeled later changes them. */
function auditStep({ audit, waiting, answers, secondsPerItem, flagged }: Standing): Overview['next'] | undefined {
  const number = (n: number) => n.toLocaleString('en');
  const time = (n: number) => (secondsPerItem === null ? '' : ` About ${minutesOf(n * secondsPerItem)} at your pace.`);
  if (audit.kind === 'open')
    return {
      action: 'continue-audit',
      title: `Answer ${number(audit.left)} audit${audit.left === 1 ? '' : 's'}`,
      reason: `An audit is under way; its certificate needs every item of the sample.${time(audit.left)}`,
    };
  if (audit.kind === 'short')
    return {
      action: 'audit',
      title: `Audit ${number(audit.more)} more`,
      reason: `The audit has proved nothing yet; so many more will probably do.${time(audit.more)}`,
    };
  if (audit.kind !== 'none' || audit.wanted === 0 || audit.pool < leastPool || flagged > 0) return undefined;
  const isCheap = audit.wanted * 4 <= audit.pool && audit.wanted <= waiting && answers >= leastNewAnswers;
  if (waiting > 0 && !isCheap) return undefined;
  const bound = `${Number((audit.targetError * 100).toFixed(2))} %`;
  return {
    action: 'audit',
    title: `Audit ${number(audit.wanted)} items`,
    reason: `${number(audit.wanted)} random checks will probably prove that at most ${bound} of the ${number(audit.pool)} accepted labels are wrong.${time(audit.wanted)}`,
  };
}

/** Fewer labels are sooner read than audited. */
const leastPool = 20;

function minutesOf(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return `${minutes.toLocaleString('en')} minute${minutes === 1 ? '' : 's'}`;
}

function labelReason({ waiting, secondsPerItem }: Standing): string {
  const sorted = 'The machine is not sure enough of them; the least sure come first';
  if (secondsPerItem === null) return `${sorted}.`;
  return `${sorted}, about ${minutesOf(waiting * secondsPerItem)} at your pace.`;
}
