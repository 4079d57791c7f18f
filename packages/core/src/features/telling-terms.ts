import { createTermCounter, createTermReader } from './terms.ts';

export interface TellingTerm {
  readonly term: string;
  /** Index of the label that it speaks for. */
  readonly label: number;
  /** Texts with the term. */
  readonly documents: number;
  /** Share of these that have the label, by the posterior; drawn towards the label's share in all texts where they are few. */
  readonly precision: number;
  /** How many standard errors its log-odds are above 0. */
  readonly score: number;
}

export interface TellingTermsOptions {
  /** Sequences of up to so many words. */
  readonly ngrams?: number;
  /** Terms of fewer texts are left out. Default 3, and of many texts a thousandth. */
  readonly minDocuments?: number;
  readonly limit?: number;
}

const maxTerms = 30_000;
/** Texts that are added to every term, with labels as in all texts: what few texts say is not believed at once. */
const priorDocuments = 5;
const leastScore = 3;
/** Of the way from the label's share to certainty that a term must go, to be of use as a rule. */
const leastLift = 0.4;

/** The terms that best separate the labels, for rules: weighted log-odds with an informative Dirichlet prior, label against all others, on texts (a
 *  term counts once per text). B. L. Monroe, M. P. Colaresi & K. M. Quinn (2008), Political Analysis 16(4), doi:10.1093/pan/mpn018.
 *  Of terms that occur in much the same texts, the best is kept. O(words · labels).
 *  @param posterior n×k, one row per text; of several labels each number is P(label holds) */
export function tellingTerms(
  texts: readonly string[],
  posterior: Float64Array,
  k: number,
  options: TellingTermsOptions = {},
): TellingTerm[] {
  const n = texts.length;
  const { ngrams = 2, minDocuments = Math.max(3, Math.ceil(n / 1000)), limit = 60 } = options;
  if (n === 0 || k === 0) return [];
  const counter = createTermCounter({ ngrams, characters: null });
  for (const text of texts) counter.add(text);
  const terms = counter.choose(minDocuments, maxTerms).map(({ term }) => term);
  const { mass, documents } = countTerms(texts, posterior, k, ngrams, terms);
  const shares = labelShares(posterior, n, k);
  const found: TellingTerm[] = [];
  for (let t = 0; t < terms.length; t++) {
    const best = bestLabel(mass.subarray(t * k, (t + 1) * k), documents[t], shares, n);
    if (best) found.push({ term: terms[t], documents: documents[t], ...best });
  }
  found.sort((a, b) => b.score - a.score || wordsIn(a) - wordsIn(b) || (a.term < b.term ? -1 : 1));
  return inTurn(withoutEchoes(texts, found.slice(0, limit * 8), ngrams), k).slice(0, limit);
}

/** Per term: texts that hold it, and of these the posterior mass of each label. */
function countTerms(texts: readonly string[], posterior: Float64Array, k: number, ngrams: number, terms: readonly string[]) {
  const mass = new Float64Array(terms.length * k);
  const documents = new Int32Array(terms.length);
  const seenIn = new Int32Array(terms.length).fill(-1);
  const reader = createTermReader({ ngrams, characters: null, terms });
  texts.forEach((text, i) => {
    reader.each(text, (term) => {
      if (seenIn[term] === i) return;
      seenIn[term] = i;
      documents[term] += 1;
      for (let c = 0; c < k; c++) mass[term * k + c] += posterior[i * k + c];
    });
  });
  return { mass, documents };
}

function labelShares(posterior: Float64Array, n: number, k: number): Float64Array {
  const shares = new Float64Array(k);
  for (let i = 0; i < n; i++) for (let c = 0; c < k; c++) shares[c] += posterior[i * k + c] / n;
  return shares;
}

function bestLabel(
  mass: Float64Array,
  documents: number,
  shares: Float64Array,
  n: number,
): Pick<TellingTerm, 'label' | 'precision' | 'score'> | undefined {
  let best: Pick<TellingTerm, 'label' | 'precision' | 'score'> | undefined;
  // As many texts of the prior hold the term as of all texts do.
  const prior = (priorDocuments * documents) / n;
  for (let label = 0; label < shares.length; label++) {
    const share = shares[label];
    const inside = mass[label] + prior;
    const outside = documents - mass[label] + prior;
    const oddsInside = inside / Math.max(1e-9, share * n + priorDocuments - inside);
    const oddsOutside = outside / Math.max(1e-9, (1 - share) * n + priorDocuments - outside);
    const score = Math.log(oddsInside / oddsOutside) / Math.sqrt(1 / inside + 1 / outside);
    const precision = (mass[label] + priorDocuments * share) / (documents + priorDocuments);
    if (score < leastScore || precision < share + leastLift * (1 - share) || score <= (best?.score ?? 0)) continue;
    best = { label, precision, score };
  }
  return best;
}

const wordsIn = ({ term }: TellingTerm): number => term.split(' ').length;

/** Texts in common, of those that hold either, from which on the second of two terms says nothing new ("click", "here" and "click here"). */
const mostInCommon = 0.7;

function withoutEchoes(texts: readonly string[], sorted: readonly TellingTerm[], ngrams: number): TellingTerm[] {
  const holders = sorted.map(() => new Uint8Array(texts.length));
  const reader = createTermReader({ ngrams, characters: null, terms: sorted.map(({ term }) => term) });
  texts.forEach((text, i) => reader.each(text, (term) => (holders[term][i] = 1)));
  const kept: number[] = [];
  sorted.forEach((term, at) => {
    const isEcho = kept.some((other) => sorted[other].label === term.label && sharesTexts(sorted, holders, other, at));
    if (!isEcho) kept.push(at);
  });
  return kept.map((at) => sorted[at]);
}

function sharesTexts(terms: readonly TellingTerm[], holders: readonly Uint8Array[], a: number, b: number): boolean {
  const [few, many] = [terms[a].documents, terms[b].documents].sort((x, y) => x - y);
  if (few < mostInCommon * many) return false;
  let both = 0;
  for (let i = 0; i < holders[a].length; i++) both += holders[a][i] & holders[b][i];
  return both >= mostInCommon * (few + many - both);
}

/** One of each label by turns, the best first: a frequent label must not crowd out the others. */
function inTurn(sorted: readonly TellingTerm[], k: number): TellingTerm[] {
  const byLabel = Array.from({ length: k }, (_, label) => sorted.filter((term) => term.label === label));
  const longest = Math.max(...byLabel.map((list) => list.length));
  return Array.from({ length: longest }, (_, turn) => byLabel.flatMap((list) => list[turn] ?? [])).flat();
}
