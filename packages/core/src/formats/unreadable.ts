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

/** Batches as a stream of single events. (An async generator within another costs a turn of the event loop per event and level: inside, only batches go.) */
export async function* readingOf(batches: AsyncIterable<readonly ReadEvent[]>): AsyncGenerator<ReadEvent> {
  try {
    for await (const events of batches) for (const event of events) yield event;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    yield { kind: 'problem', problem: error.problem };
  }
}
