import { fileURLToPath } from 'node:url';

/** Worker threads run compiled files: from `src` (tests, where a loader compiles) it points to the same file in `dist`. */
export function workerFile(name: string): string {
  return fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
}
