/** Takes a key out of any text, in whatever way it is written, and what looks like a key of somebody. Servers echo keys: in error bodies, in
 *  headers, half of it and stars. */
export function scrubber(key: string | undefined): (text: string) => string {
  const written =
    key === undefined || key.length < 4
      ? []
      : [
          key,
          encodeURIComponent(key),
          Buffer.from(key).toString('base64'),
          Buffer.from(key).toString('base64url'),
          JSON.stringify(key).slice(1, -1),
        ];
  // Longest first, so that no piece of one way stays behind another.
  const known = [...new Set(written)].sort((a, b) => b.length - a.length);
  return (text) => known.reduce((clean, way) => clean.replaceAll(way, '[key]'), text).replace(keyLike, '[key]');
}

const keyLike = /\b(?:sk|pk|rk|gsk|xai|hf|r8|pplx|AIza|ya29)[-_.]?[\w*.-]{12,}|\bBearer\s+\S{8,}/g;

/** One line of at most 200 characters. */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  const line = text.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
