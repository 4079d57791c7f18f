import type { Db } from '../context.ts';
import { type RunProgress, saveRunProgress } from '../stores/runs.ts';

const reportMs = 250;

/** How far a run came: into its row and to who listens, at most four times a second. */
export class ProgressTeller {
  /** The row says that the run is cancelled, or over. */
  readonly unwanted = new AbortController();
  private readonly db: Db;
  private readonly run: number;
  private readonly total: number;
  private readonly report: (progress: RunProgress) => void;
  private phase = '';
  private phaseBegan = 0;
  private told = 0;
  private saving: Promise<void> = Promise.resolve();

  constructor(db: Db, run: number, total: number, report: (progress: RunProgress) => void) {
    this.db = db;
    this.run = run;
    this.total = total;
    this.report = report;
  }

  /** @param done items that are dealt with in this phase */
  tell(phase: string, done: number): void {
    const now = performance.now();
    const isNew = phase !== this.phase;
    if (!isNew && done < this.total && now - this.told < reportMs) return;
    if (isNew) {
      this.phase = phase;
      this.phaseBegan = now;
    }
    this.told = now;
    const seconds = (now - this.phaseBegan) / 1000;
    const progress = { phase, done, total: this.total, itemsPerSecond: seconds > 0 ? done / seconds : 0 };
    this.report(progress);
    this.saving = this.saving.then(() => this.save(progress));
  }

  /** All that was told is stored. */
  saved(): Promise<void> {
    return this.saving;
  }

  private async save(progress: RunProgress): Promise<void> {
    const isWanted = await saveRunProgress(this.db, this.run, progress).catch(() => true);
    if (!isWanted) this.unwanted.abort(new Error('the run is cancelled'));
  }
}
