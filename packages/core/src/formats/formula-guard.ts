/** Spreadsheets run a cell that starts like a formula, wherever it came from (CSV injection). Such a cell gets an apostrophe in front, which
 *  spreadsheets take for "this is text"; reading takes it off again, so that nothing is lost. OWASP, "CSV Injection". */

const formulaLike = /^'*[=+\-@\t\r\n]/;
const guarded = /^'+[=+\-@\t\r\n]/;
const plainNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const plainName = /^[+\-@][\w.-]*$/;

/** For texts of items. A number stays a number. */
export function guardFormula(text: string): string {
  return startsSpecial(text) && formulaLike.test(text) && !plainNumber.test(text) ? `'${text}` : text;
}

/** For ids and labels, by which tables are joined: `-dQw4w9` and `@handle` can call nothing and stay as they are. */
export function guardName(text: string): string {
  return startsSpecial(text) && formulaLike.test(text) && !plainNumber.test(text) && !plainName.test(text) ? `'${text}` : text;
}

export function unguard(text: string): string {
  return text.charCodeAt(0) === 0x27 && guarded.test(text) ? text.slice(1) : text;
}

/** Most texts begin with a letter or a digit. */
function startsSpecial(text: string): boolean {
  return text.charCodeAt(0) < 0x41;
}
