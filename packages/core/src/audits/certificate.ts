import { z } from 'zod';
import { inverseIncompleteBeta } from '../math/special-functions.ts';
import type { Interval } from '../math/statistics.ts';
import { checkOptions } from '../model/about.ts';
import type { Problem } from '../model/problem.ts';
import { type AcceptedShare, acceptedShare, type ScoreStep, startingStep } from './accepted-share.ts';
import { minimumAudit, proofChance } from './audit-plan.ts';
import type { AuditSample } from './audit-sample.ts';
import { lookRisk } from './look-risk.ts';
import { observedTarget } from './noisy-auditors.ts';
import { sampleAccuracy } from './sample-accuracy.ts';

const counts = z.strictObject({ count: z.int().min(0), of: z.int().min(0) });

export const certificateOptions = z.strictObject({
  targetError: z.number().gt(0).lt(1).default(0.05).describe('At most this share of the accepted labels may be wrong'),
  confidence: z.number().gt(0).lt(1).default(0.95).describe('Probability that the promise holds'),
  look: z.int().min(1).default(1).describe('Which look at audits of this project this is; every look spends some of the risk'),
  plannedLooks: z
    .int()
    .min(1)
    .optional()
    .describe('Number of looks fixed in advance: the risk is divided equally; without, 6/(π²t²) at look t'),
  auditors: z
    .strictObject({ falseAlarms: counts, misses: counts })
    .optional()
    .describe('How often the auditors erred on items of known truth: right labels called wrong, wrong labels called right'),
  perLabel: z
    .boolean()
    .default(false)
    .describe(
      'Also promise the target error within each label that is given: rare labels hide in the average. The risk is divided among all promises',
    ),
});
export type CertificateOptions = z.infer<typeof certificateOptions>;

export type Certificate =
  | {
      readonly kind: 'certified';
      /** Labels with at least `threshold` are accepted: so many, of which at most `targetError` is wrong. */
      readonly accepted: number;
      readonly coverage: number;
      readonly threshold: number;
      /** Audits inside the accepted set, and what they found. */
      readonly audited: number;
      readonly wrong: number;
    }
  | {
      readonly kind: 'not-certified';
      readonly reason: 'no-labels' | 'too-few-audits' | 'too-many-errors';
      /** More audits, drawn at random from all labels, that will probably (80 %) prove something; absent where no number would. */
      readonly moreAudits?: number;
    };

/** Plain JSON. */
export interface CertificateReport {
  readonly items: number;
  readonly audited: number;
  readonly wrong: number;
  readonly targetError: number;
  readonly confidence: number;
  readonly look: number;
  /** The risk that each promise of this look may spend. */
  readonly riskSpent: number;
  /** Of all labels, accepted or not, as the auditors saw them: exact for the finite pool, at the stated confidence. */
  readonly accuracy: Interval;
  readonly certificate: Certificate;
  /** One promise per label that the machine gave, in the order of the labels' first items; all of them and the one above hold together. */
  readonly byLabel?: readonly LabelCertificate[];
  /** "of 8,214 accepted labels at most 2.0 % are wrong, with 95 % confidence, 312 audited" */
  readonly text: string;
  /** Thresholds from the strictest, and what the audit showed for each. */
  readonly steps: readonly ScoreStep[];
  readonly problems: readonly Problem[];
}

export interface LabelCertificate {
  readonly label: string;
  /** That were given this label. */
  readonly items: number;
  readonly audited: number;
  readonly wrong: number;
  readonly certificate: Certificate;
}

/** Machine labels, one per item, with the probability that orders them; frozen before the audit was drawn. */
export interface ScoredLabels {
  readonly items: readonly string[];
  readonly labels: readonly string[];
  readonly probability: Float64Array;
  /** Items that were made, not found (`model/made`): they are left out, a certificate speaks of the data. */
  readonly made?: ReadonlySet<string>;
}

/** Proves how many labels can be accepted at a target error, from what people said about a uniform random sample of the items.
 *  Audits of unknown items and second audits of one item are reported and left out.
 *  @throws CoreError 'bad-options', naming each wrong key */
export function certify(
  all: ScoredLabels,
  findings: readonly { readonly item: string; readonly label: string }[],
  given: unknown = {},
): CertificateReport {
  const options = checkOptions({ name: 'certify', options: certificateOptions }, given);
  const pool = foundOnly(all);
  const { audit, problems } = auditOf(pool, findings);
  const names = options.perLabel ? [...new Set(pool.labels)] : [];
  const risk = lookRisk(1 - options.confidence, options.look, options.plannedLooks) / (1 + names.length);
  const share = acceptedShare(pool.probability, audit, testOf(options, risk));
  const certificate = certificateOf(share, pool.probability, audit, options.targetError, risk);
  const wrong = audit.right.reduce((count, right) => count + 1 - right, 0);
  return {
    items: pool.items.length,
    audited: audit.item.length,
    wrong,
    targetError: options.targetError,
    confidence: options.confidence,
    look: options.look,
    riskSpent: risk,
    accuracy: sampleAccuracy(audit.item.length - wrong, audit.item.length, pool.items.length, { confidence: options.confidence }),
    certificate,
    ...(options.perLabel && { byLabel: names.map((label) => certifyLabel(label, pool, audit, options, risk)) }),
    text: textOf(certificate, options, audit.item.length),
    steps: share.steps,
    problems,
  };
}

/** Within a label the audited items are a uniform sample of the items that were given it. */
function certifyLabel(label: string, pool: ScoredLabels, audit: AuditSample, options: CertificateOptions, risk: number): LabelCertificate {
  const rows = pool.labels.flatMap((given, row) => (given === label ? [row] : []));
  const placeOf = new Map(rows.map((row, place) => [row, place]));
  const inside = Array.from(audit.item.keys()).filter((at) => placeOf.has(audit.item[at]));
  const own: AuditSample = {
    item: Int32Array.from(inside, (at) => placeOf.get(audit.item[at]) as number),
    right: Uint8Array.from(inside, (at) => audit.right[at]),
  };
  const probability = Float64Array.from(rows, (row) => pool.probability[row]);
  const share = acceptedShare(probability, own, testOf(options, risk));
  return {
    label,
    items: rows.length,
    audited: inside.length,
    wrong: own.right.reduce((count, right) => count + 1 - right, 0),
    certificate: certificateOf(share, probability, own, options.targetError, risk),
  };
}

function foundOnly(pool: ScoredLabels): ScoredLabels {
  const { items, labels, probability, made } = pool;
  if (made === undefined || made.size === 0) return pool;
  const rows = items.map((_, row) => row).filter((row) => !made.has(items[row]));
  return {
    items: rows.map((row) => items[row]),
    labels: rows.map((row) => labels[row]),
    probability: Float64Array.from(rows, (row) => probability[row]),
  };
}

/** Where auditors err, half of the risk goes to what is known of them. */
function testOf(options: CertificateOptions, risk: number): Parameters<typeof acceptedShare>[2] {
  const { targetError, auditors } = options;
  if (!auditors) return { targetError, risk };
  return { targetError, risk: risk / 2, observedTarget: observedTarget(targetError, auditors, risk / 2) };
}

function auditOf(
  pool: ScoredLabels,
  findings: readonly { readonly item: string; readonly label: string }[],
): { audit: AuditSample; problems: Problem[] } {
  const place = new Map(pool.items.map((item, at) => [item, at]));
  const found = new Map<number, number>();
  const problems: Problem[] = [];
  findings.forEach(({ item, label }, at) => {
    const index = place.get(item);
    const record = `audit ${at + 1}`;
    if (index === undefined) problems.push({ key: record, message: `item '${item}' has no label to audit; left out` });
    else if (found.has(index)) problems.push({ key: record, message: `item '${item}' was audited before; the first finding stays` });
    else found.set(index, Number(pool.labels[index] === label));
  });
  return { audit: { item: Int32Array.from(found.keys()), right: Uint8Array.from(found.values()) }, problems };
}

function certificateOf(
  share: AcceptedShare,
  probability: Float64Array,
  audit: AuditSample,
  targetError: number,
  risk: number,
): Certificate {
  const n = probability.length;
  if (share.proven) {
    const { accepted, threshold, audited, wrong } = share.proven;
    return { kind: 'certified', accepted, coverage: accepted / n, threshold, audited, wrong };
  }
  if (n === 0) return { kind: 'not-certified', reason: 'no-labels' };
  const more = moreAudits(share, probability, audit.item.length, { targetError, risk });
  return more === undefined
    ? { kind: 'not-certified', reason: 'too-many-errors' }
    : { kind: 'not-certified', reason: 'too-few-audits', moreAudits: more };
}

/** Goes through larger audits until one's first test passes with probability 80 %. The error of that test's labels is what the audits so far make
 *  likely, the probabilities' own word counting as much as ten of them: a beta distribution, averaged over. */
function moreAudits(
  share: AcceptedShare,
  probability: Float64Array,
  audited: number,
  test: { targetError: number; risk: number },
): number | undefined {
  const { targetError, risk } = test;
  const n = probability.length;
  for (let size = Math.max(audited + 1, minimumAudit(targetError, risk, n)); size < n; size = Math.ceil(size * 1.1)) {
    const first = startingStep(share, size, n, test);
    const believed = Math.min(0.9, Math.max(0.001, believedError(probability, first)));
    const inside = Math.round((size * first.accepted) / n);
    let chance = 0;
    for (let part = 0.5; part < 8; part++) {
      const expectedError = inverseIncompleteBeta(part / 8, first.wrong + 10 * believed, first.audited - first.wrong + 10 * (1 - believed));
      chance += proofChance({ audited: inside, targetError, risk, expectedError }) / 8;
    }
    if (chance >= 0.8) return size - audited;
  }
  const hopeless = share.steps.every((step) => step.wrong > targetError * step.audited);
  return hopeless || audited >= n ? undefined : n - audited;
}

function believedError(probability: Float64Array, step: ScoreStep): number {
  return probability.reduce((sum, p) => (p >= step.threshold ? sum + 1 - Math.min(1, p) : sum), 0) / step.accepted;
}

function textOf(certificate: Certificate, { targetError, confidence }: CertificateOptions, audited: number): string {
  const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const sure = `${Number((100 * confidence).toFixed(2))} % confidence`;
  if (certificate.kind === 'certified') {
    return `of ${count(certificate.accepted)} accepted labels at most ${percent(targetError)} are wrong, with ${sure}, ${count(audited)} audited`;
  }
  if (certificate.reason === 'no-labels') return 'cannot certify: there are no labels';
  if (certificate.reason === 'too-many-errors') {
    return `cannot certify: in ${count(audited)} audits even the surest labels are wrong more often than ${percent(targetError)}; better labels are needed, not more audits`;
  }
  return `cannot certify: ${count(certificate.moreAudits ?? 1)} more audits needed, drawn at random (${count(audited)} audited, target ${percent(targetError)}, ${sure})`;
}
