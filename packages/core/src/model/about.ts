import type { z } from 'zod';
import { CoreError } from './errors.ts';

/** What a technique says of itself. The default export of its file: adding a technique is adding one file.
 *  `options` checks what a user wrote and fills the defaults; screens draw their form from it; every option has a `.describe()`. */
export interface About<Options> {
  /** Kebab-case, the file's name: what project files and the command line say. */
  readonly name: string;
  readonly title: string;
  /** One sentence: what it does and when to take it. */
  readonly summary: string;
  readonly options: z.ZodType<Options>;
  readonly paper?: string;
}

/** @throws CoreError 'bad-options' with every fault on its own line, each with the key and what was expected */
export function checkOptions<Options>(about: Pick<About<Options>, 'name' | 'options'>, given: unknown): Options {
  const result = about.options.safeParse(given ?? {});
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`);
  throw new CoreError('bad-options', `${about.name}: ${faults.join('; ')}`, {
    issues: result.error.issues.map((issue) => ({ path: issue.path.map(String), message: issue.message })),
  });
}
