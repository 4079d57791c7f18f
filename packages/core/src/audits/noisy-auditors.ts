import { CoreError } from '../model/errors.ts';
import { binomialUpper } from '../math/statistics.ts';

/** What is known of the people who audit, from items whose truth was known: how often they called a right label wrong, and a wrong one right. */
export interface AuditorRecord {
  readonly falseAlarms: { readonly count: number; readonly of: number };
  readonly misses: { readonly count: number; readonly of: number };
}

/** Upper bound of the true error rate from what auditors who err themselves found wrong. If they flag a right label with probability f and
 *  overlook a wrong one with probability s, they flag w = (1 − e) f + e (1 − s) of the labels, so e = (w − f) / (1 − f − s). The risk is divided in
 *  three: upper bound of w, lower of f, upper of s (exact binomial each). W. J. Rogan & B. Gladen (1978), Am. J. Epidemiol. 107(1).
 *  1 where the auditors are too bad to prove anything. */
export function trueErrorUpper(flagged: number, audited: number, auditors: AuditorRecord, risk: number): number {
  if (!(flagged >= 0 && flagged <= audited)) {
    throw new CoreError('bad-counts', `noisy auditors: flagged must be 0..${audited}, got ${flagged}`);
  }
  const { falseAlarm, miss } = auditorBounds(auditors, (2 * risk) / 3);
  const w = binomialUpper(flagged, audited, risk / 3);
  const sense = 1 - falseAlarm - miss;
  return sense <= 0 ? 1 : Math.min(1, Math.max(0, (w - falseAlarm) / sense));
}

/** The share of audited labels that may be flagged while the true error is still at most `targetError`: what a certificate must test against.
 *  @param risk that the bounds on the auditors fail; the certificate's own risk comes on top. 0 where the auditors are too bad */
export function observedTarget(targetError: number, auditors: AuditorRecord, risk: number): number {
  const { falseAlarm, miss } = auditorBounds(auditors, risk);
  const sense = 1 - falseAlarm - miss;
  return sense <= 0 ? 0 : falseAlarm + targetError * sense;
}

/** False alarms at least, misses at most; each wrong with half the risk. */
function auditorBounds({ falseAlarms, misses }: AuditorRecord, risk: number): { falseAlarm: number; miss: number } {
  return {
    falseAlarm: 1 - binomialUpper(falseAlarms.of - falseAlarms.count, falseAlarms.of, risk / 2),
    miss: binomialUpper(misses.count, misses.of, risk / 2),
  };
}
