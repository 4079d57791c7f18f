import type { Json } from './json.ts';

/** Misuse, told to the one who can mend it: who, what was expected, what came ("clusters: k must be 1..40, got 0").
 *  `code` is kebab-case and stable: the server maps it to an HTTP status, the command line to an exit code. */
export class CoreError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, Json>>;

  constructor(code: string, message: string, details: Readonly<Record<string, Json>> = {}, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'CoreError';
    this.code = code;
    this.details = details;
  }
}

/** The text of whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
