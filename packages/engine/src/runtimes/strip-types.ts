import { CoreError, reasonOf } from '@labelwright/core/model/errors';
import { transformSync } from '@swc/wasm-typescript';

/** TypeScript to JavaScript by putting spaces where types were, so that lines and columns stay. Plain JavaScript files are left alone.
 *  @throws CoreError 'bad-options' with the fault and its place */
export function stripTypes(source: string, fileName: string): string {
  if (/\.[cm]?js$/.test(fileName)) return source;
  try {
    return transformSync(source, { mode: 'strip-only', filename: fileName }).code;
  } catch (error) {
    throw new CoreError('bad-options', `function: source: ${describe(error, fileName)}`, { path: 'source' });
  }
}

/** swc throws a plain object. */
function describe(error: unknown, fileName: string): string {
  const { message, startLine, startColumn } = error as { message?: string; startLine?: number; startColumn?: number };
  if (message === undefined || startLine === undefined || startColumn === undefined) return `${fileName}: ${reasonOf(error)}`;
  return `${fileName}:${startLine}:${startColumn + 1}: ${message}`;
}
