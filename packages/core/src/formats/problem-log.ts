import type { Problem } from '../model/problem.ts';

/** The first problems of a file, and how many there are: a broken file may have one a line. */
export class ProblemLog {
  readonly problems: Problem[] = [];
  count = 0;
  private readonly file: string;
  private readonly limit: number;

  constructor(file: string, limit = 1000) {
    this.file = file;
    this.limit = limit;
  }

  /** Kept whatever the number: a file that was not read to its end must say so. */
  addFatal(problem: Problem): void {
    this.count++;
    this.problems.push(problem);
  }

  /** `describe` runs only for problems that are kept. */
  add(describe: () => Problem): void {
    this.count++;
    if (this.problems.length < this.limit) this.problems.push({ file: this.file, ...describe() });
  }
}
