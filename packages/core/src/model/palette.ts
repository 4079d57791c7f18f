/** Hues whose order keeps neighbours apart for people with colour-vision deficiencies: blue, orange, green, pink, cyan, yellow, violet, red. */
const hues = [255, 55, 155, 345, 205, 95, 300, 25];

/** The colour of a label wherever it is shown: its own, or by its position in the question. OKLCH, two alternating steps of lightness. */
export function labelColor(label: { readonly color?: string | undefined } | undefined, position: number): string {
  if (label?.color !== undefined && isColor(label.color)) return label.color;
  const round = Math.floor(position / hues.length);
  const lightness = (position + round) % 2 === 0 ? 0.62 : 0.72;
  return `oklch(${lightness} ${round === 0 ? 0.15 : 0.09} ${hues[position % hues.length]})`;
}

/** Colours come from users and go into style attributes: a name, a hex code or a colour function, nothing else. */
export function isColor(text: string): boolean {
  return /^(?:[a-z]{3,30}|#[0-9a-f]{3,8}|(?:rgb|rgba|hsl|hsla|oklch|oklab|lab|lch)\([0-9a-z.,%/ -]{1,60}\))$/i.test(text);
}
