import type { LlmReply, LlmToken } from './llm-exchange.ts';
import { placesOfValues } from './llm-label-places.ts';

/** How sure the model was of the value of `key` in the answer at `place`, by the log probabilities of its tokens. A label: normalised over
 *  the labels that the listed alternatives can still become. A list of labels: the probability of the whole list as written (not normalised).
 *  undefined where the provider gave no log probabilities, or gave tokens that are not the text.
 *  The probabilities are of the *words*, after whatever was reasoned before: calibrate them (`math/confidence-calibration`) before trusting them.
 *  @param choices everything that the value may be (labels, and what says "no opinion") */
export function tokenConfidence(reply: LlmReply, key: 'label' | 'labels', place: number, choices: readonly string[]): number | undefined {
  const tokens = reply.tokens;
  if (!tokens || tokens.map(({ token }) => token).join('') !== reply.text) return undefined;
  const value = placesOfValues(reply.text, key)[place];
  if (!value) return undefined;
  const inside = tokensIn(tokens, value);
  const total = inside.reduce((sum, { token }) => sum + token.logProbability, 0);
  if (!(total <= 0.01)) return undefined;
  if (key === 'labels') return Math.min(1, Math.exp(total));
  return normalised(reply.text, value, inside, choices);
}

interface PlacedToken {
  readonly token: LlmToken;
  readonly start: number;
}

/** A closing quote alone tells nothing of the label, but `spam"` and `spammer"` part there: it counts. */
function tokensIn(tokens: readonly LlmToken[], value: { start: number; end: number }): PlacedToken[] {
  const inside: PlacedToken[] = [];
  let start = 0;
  for (const token of tokens) {
    const end = start + token.token.length;
    if (end > value.start && start < value.end && token.token !== '') inside.push({ token, start });
    start = end;
  }
  return inside;
}

/** P(said) / Σ over labels of P(label), where another label's probability is that of the path by which the alternatives lead to it:
 *  tokens said so far, then the alternative. Paths that lead to no label are left out. What leaves a path later, to no label, is not seen and
 *  counts for the others: the result is never too high for that. */
function normalised(
  text: string,
  value: { start: number; end: number },
  inside: readonly PlacedToken[],
  choices: readonly string[],
): number {
  const before = text.slice(inside[0].start, value.start);
  const said = text.slice(value.start, value.end);
  const others = choices.map((choice) => JSON.stringify(choice)).filter((choice) => choice !== said);
  const leadsToOther = (path: string): boolean =>
    others.some((choice) => `${before}${choice}`.startsWith(path) || path.startsWith(`${before}${choice}`));
  const stillSaid = (path: string): boolean => `${before}${said}`.startsWith(path) || path.startsWith(`${before}${said}`);
  let prefix = 0;
  let otherMass = 0;
  for (const { token, start } of inside) {
    for (const alternative of token.alternatives ?? []) {
      const path = text.slice(inside[0].start, start) + alternative.token;
      if (alternative.token !== token.token && !stillSaid(path) && leadsToOther(path)) {
        otherMass += Math.exp(prefix + alternative.logProbability);
      }
    }
    prefix += token.logProbability;
  }
  const mass = Math.exp(prefix);
  return mass + otherMass > 0 ? mass / (mass + otherMass) : 0;
}
