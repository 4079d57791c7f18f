/** UTF-16 places `[start, end)` of the values of a key in JSON text, in order: `"spam"` with its quotes, or a list with its brackets.
 *  Keys inside strings do not count. The text must be JSON (around it may be anything without quotes). */
export function placesOfValues(json: string, key: string): { start: number; end: number }[] {
  const places: { start: number; end: number }[] = [];
  for (let at = json.indexOf('"'); at >= 0; at = json.indexOf('"', at)) {
    const end = endOfString(json, at);
    const colon = /^\s*:\s*/.exec(json.slice(end, end + 64));
    if (colon && json.slice(at, end) === `"${key}"`) {
      const start = end + colon[0].length;
      at = json[start] === '[' ? endOfList(json, start) : json[start] === '"' ? endOfString(json, start) : start;
      places.push({ start, end: at });
    } else at = end;
  }
  return places;
}

function endOfString(json: string, quote: number): number {
  let at = quote + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return Math.min(at + 1, json.length);
}

/** Lists of texts only. */
function endOfList(json: string, bracket: number): number {
  let at = bracket + 1;
  while (at < json.length && json[at] !== ']') at = json[at] === '"' ? endOfString(json, at) : at + 1;
  return Math.min(at + 1, json.length);
}
