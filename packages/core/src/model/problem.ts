import { CoreError } from './errors.ts';

/** An expected fault in a user's file: reported, counted, never a reason to lose the rest. */
export interface Problem {
  readonly file?: string;
  /** 1-based line of the file on which the record starts. */
  readonly line?: number;
  /** Where inside the record: a column, a key path. */
  readonly key?: string;
  readonly message: string;
  /** Reading stopped here: what follows in the file was not read, so what came before is not the whole of it. */
  readonly fatal?: true;
}

/** `votes.csv:17 (label): unknown label 'spm'; the labels are spam, ham` */
export function describeProblem(problem: Problem): string {
  const line = problem.line === undefined ? '' : `:${problem.line}`;
  const place = `${problem.file ?? ''}${line}${problem.key ? ` (${problem.key})` : ''}`.trim();
  return place ? `${place}: ${problem.message}` : problem.message;
}

/** For jobs whose result must be of the whole file or not be. @throws CoreError 'unreadable' with the place, where reading stopped early */
export function refuseFatal(problems: Iterable<Problem>): void {
  for (const problem of problems) if (problem.fatal) throw new CoreError('unreadable', describeProblem(problem));
}
