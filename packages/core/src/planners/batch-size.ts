/** Assignments per round unless the user says otherwise: two per label, at least ten, twice as many after ten rounds – small while every answer changes the
 *  model, larger when answers change little and waiting for the next plan costs more. */
export function usualBatchSize(k: number, round: number): number {
  return Math.max(10, 2 * k) * (round >= 10 ? 2 : 1);
}
