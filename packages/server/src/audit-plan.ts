import type { AuditPlan } from '@labelwright/contract/quality';
import { minimumAudit } from '@labelwright/core/audits/audit-plan';
import { certify } from '@labelwright/core/audits/certificate';
import { lookRisk } from '@labelwright/core/audits/look-risk';
import type { QuestionView } from './columns/question-view.ts';
import { viewOf, type Viewed } from './columns/views.ts';
import type { Context } from './context.ts';
import type { AuditPool, AuditRow } from './stores/audits.ts';
import { auditsOnLabels } from './stores/audits.ts';
import { acceptedCode } from './stores/estimate-codes.ts';
import { settingsOf } from './stores/projects.ts';
import { runUnderWay } from './stores/runs.ts';
import { laborOn } from './stores/spend.ts';

export interface AuditTerms {
  readonly targetError?: number | undefined;
  readonly confidence?: number | undefined;
  readonly plannedLooks?: number | undefined;
}

/** More scores than this say no more about how many audits it takes. */
const mostScores = 20_000;

/** How many audits a promise about the present labels takes, and whether one can be begun. */
export async function planAudit(context: Context, project: number, question: string | undefined, terms: AuditTerms): Promise<AuditPlan> {
  const viewed = await viewOf(context, project, question);
  const asked = { project, question: viewed.view.question.id };
  const run = viewed.view.machine?.run ?? null;
  const [labor, before, underWay] = await Promise.all([
    laborOn(context.db, asked),
    run === null ? [] : auditsOnLabels(context.db, asked, run),
    runUnderWay(context.db, project),
  ]);
  const pool = acceptedPool(viewed.view);
  const size = auditSizes(viewed, pool, terms, looksBefore(before));
  const blocked = whyBlocked(pool, before, underWay !== undefined);
  return { run, ...size, secondsPerItem: labor.secondsPerItem, blocked };
}

/** What was promised of these labels before has used up risk. */
export function looksBefore(audits: readonly AuditRow[]): number {
  return audits.reduce((sum, audit) => sum + audit.looks.length, 0);
}

/** Accepted labels of the machine that nobody has answered: people's answers need no proof.
 *  @param made items that were made, not found: they say nothing of the data */
export function acceptedPool({ machine, people }: QuestionView, made: ReadonlySet<number> = new Set()): AuditPool {
  if (!machine) return { ordinals: new Int32Array(0), probabilities: new Float32Array(0) };
  const ordinals = new Int32Array(machine.n);
  let count = 0;
  for (let ordinal = 0; ordinal < machine.n; ordinal++)
    if (machine.decision[ordinal] === acceptedCode && people.answered[ordinal] === 0 && !made.has(ordinal)) ordinals[count++] = ordinal;
  const kept = ordinals.slice(0, count);
  return { ordinals: kept, probabilities: Float32Array.from(kept, (ordinal) => machine.probability[ordinal]) };
}

/** Why no sample can be drawn from these labels. */
export function whyBlocked(pool: AuditPool, before: readonly AuditRow[], runsNow: boolean): string | null {
  if (runsNow) return 'A run is under way: its labels may be others';
  if (pool.ordinals.length === 0) return 'The machine has accepted no labels that people have not answered: run the labelers first';
  if (before.some(({ state }) => state === 'open')) return 'An audit of these labels is under way';
  if (before.some(({ state }) => state === 'not-certified'))
    return 'The last audit of these labels can go on: draw more items into its sample';
  if (before.some(({ planned_looks }) => planned_looks !== null)) return 'The looks that were planned for these labels are used up';
  return null;
}

interface Sizes {
  readonly pool: number;
  readonly targetError: number;
  readonly confidence: number;
  readonly expectedError: number;
  readonly minimum: number;
  readonly recommended: number;
}

export function auditSizes({ project, view }: Viewed, { probabilities }: AuditPool, given: AuditTerms, looked: number): Sizes {
  const settings = settingsOf(project);
  const { targetError = settings.targetError, confidence = settings.confidence, plannedLooks } = given;
  const pool = probabilities.length;
  const known = `${view.machine?.run} ${pool} ${targetError} ${confidence} ${plannedLooks ?? 0} ${looked}`;
  const sized = remembered.get(view);
  if (sized?.key === known) return sized.sizes;
  const sorted = Float64Array.from(probabilities).sort();
  const expectedError = pool === 0 ? 0 : 1 - Math.min(1, sorted.reduce((sum, p) => sum + p, 0) / pool);
  const risk = lookRisk(1 - confidence, looked + 1, plannedLooks);
  const minimum = Math.min(pool, minimumAudit(targetError, risk, pool));
  const look = { targetError, confidence, look: looked + 1, ...(plannedLooks !== undefined && { plannedLooks }) };
  const sizes = { pool, targetError, confidence, expectedError, minimum, recommended: Math.max(minimum, advised(sorted, look)) };
  remembered.set(view, { key: known, sizes });
  return sizes;
}

const remembered = new WeakMap<QuestionView, { readonly key: string; readonly sizes: Sizes }>();

function advised(sorted: Float64Array, look: object): number {
  const n = Math.min(mostScores, sorted.length);
  const probability = Float64Array.from({ length: n }, (_, at) => Math.min(1, sorted[Math.floor(((at + 0.5) * sorted.length) / n)]));
  const items = Array.from(probability, (_, at) => String(at));
  const { certificate } = certify({ items, labels: items, probability }, [], look);
  return certificate.kind === 'not-certified' ? (certificate.moreAudits ?? 0) : 0;
}
