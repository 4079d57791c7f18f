import type { Problem } from '../model/problem.ts';
import type { ReadEvent } from './format.ts';

/** Thrown inside readers where a file cannot be read any further; `readingOf` turns it into the fatal problem that the caller sees. */
export class Unreadable extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'Unreadable';
    this.problem = { ...problem, fatal: true };
  }
}

export async function* readingOf(events: AsyncIterable<ReadEvent>): AsyncGenerator<ReadEvent> {
  try {
    yield* events;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    yield { kind: 'problem', problem: error.problem };
  }
}
