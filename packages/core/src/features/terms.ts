import { createTermTrie, resized, type TermTrie } from './term-trie.ts';
import { findWords, foldWord } from './words.ts';

/** What counts as a term: sequences of 1..ngrams words, and of min..max characters inside ` word `. */
export interface TermShape {
  readonly ngrams: number;
  readonly characters: { readonly min: number; readonly max: number } | null;
}

export interface TermCounter {
  readonly add: (text: string) => void;
  /** Texts added. */
  readonly documents: () => number;
  /** The most frequent terms of at least `minDocuments` texts, in the order of code units. */
  readonly choose: (minDocuments: number, maxTerms: number) => { readonly term: string; readonly frequency: number }[];
}

/** Counts in how many texts each term occurs. Above `maxNodes` different terms, those of one text so far are forgotten (their counts start
 *  anew), which keeps memory bounded and loses only the rarest. */
export function createTermCounter(shape: TermShape, maxNodes = 4_000_000): TermCounter {
  let trie = createTermTrie();
  let frequencies = new Int32Array(1024);
  let lastSeen = new Int32Array(1024);
  let documents = 0;
  let words: string[] = [];
  let ids = new Map<string, number>();

  const idOf = (raw: string): number => {
    const known = ids.get(raw);
    if (known !== undefined) return known;
    const folded = foldWord(raw);
    let id = ids.get(folded);
    if (id === undefined) {
      const kept = unshared(folded);
      id = words.push(kept) - 1;
      ids.set(kept, id);
    }
    if (raw !== folded) ids.set(unshared(raw), id);
    return id;
  };

  const step = (parent: number, symbol: number): number => {
    const node = trie.add(parent, symbol);
    if (node >= frequencies.length) {
      frequencies = resized(frequencies, 2 * frequencies.length);
      lastSeen = resized(lastSeen, 2 * lastSeen.length);
    }
    if (lastSeen[node] !== documents) {
      lastSeen[node] = documents;
      frequencies[node] += 1;
    }
    return node;
  };

  /** A term's beginnings occur wherever it does, so what is kept keeps its ancestors and its words. */
  const forgetRare = (): void => {
    const before = { trie, frequencies, words };
    const moved = new Int32Array(trie.size());
    const wordMoved = new Int32Array(words.length).fill(-1);
    trie = createTermTrie();
    frequencies = new Int32Array(before.frequencies.length);
    lastSeen = new Int32Array(before.frequencies.length);
    words = [];
    ids = new Map();
    for (let node = 1; node < before.trie.size(); node++) {
      if (before.frequencies[node] < 2) continue;
      let symbol = before.trie.symbolOf(node);
      if (symbol >= 0) {
        if (wordMoved[symbol] < 0) {
          wordMoved[symbol] = words.push(before.words[symbol]) - 1;
          ids.set(before.words[symbol], wordMoved[symbol]);
        }
        symbol = wordMoved[symbol];
      }
      moved[node] = trie.add(moved[before.trie.parentOf(node)], symbol);
      frequencies[moved[node]] = before.frequencies[node];
    }
  };

  const walker = createWalker(shape, idOf, step, (id) => words[id]);
  return {
    documents: () => documents,
    add(text) {
      documents += 1;
      walker(text);
      if (trie.size() > maxNodes) forgetRare();
    },
    choose(minDocuments, maxTerms) {
      const isTerm = (node: number): boolean =>
        frequencies[node] >= minDocuments && (trie.symbolOf(node) >= 0 || depthOf(trie, node) >= (shape.characters?.min ?? 0));
      const nodes: number[] = [];
      for (let node = 1; node < trie.size(); node++) if (isTerm(node)) nodes.push(node);
      const edge = frequencyAt(nodes, frequencies, maxTerms);
      const named = (node: number) => ({ term: termOf(trie, node, words), frequency: frequencies[node] });
      const sure = nodes.filter((node) => frequencies[node] > edge).map(named);
      const even = nodes.filter((node) => frequencies[node] === edge).map(named);
      return [...sure, ...even.sort(byTerm).slice(0, Math.max(0, maxTerms - sure.length))].sort(byTerm);
    },
  };
}

export interface TermReader {
  /** Feature numbers in the order of the text, repeated as often as they occur. */
  readonly each: (text: string, take: (feature: number) => void) => void;
  /** UTF-16 places of the given features. */
  readonly places: (
    text: string,
    wanted: ReadonlySet<number>,
  ) => { readonly feature: number; readonly start: number; readonly end: number }[];
}

/** Finds known terms in texts. */
export function createTermReader(model: TermShape & { readonly terms: readonly string[] }): TermReader {
  const trie = createTermTrie();
  const ids = new Map<string, number>();
  const words: string[] = [];
  const featureOf = new Map<number, number>();
  for (const [feature, term] of model.terms.entries()) {
    let node = 0;
    if (term.startsWith('~')) for (const character of term.slice(1)) node = trie.add(node, symbolOf(character));
    else
      for (const word of term.split(' ')) {
        let id = ids.get(word);
        if (id === undefined) {
          id = words.push(word) - 1;
          ids.set(word, id);
        }
        node = trie.add(node, id);
      }
    featureOf.set(node, feature);
  }
  const features = Int32Array.from({ length: trie.size() }, (_, node) => featureOf.get(node) ?? -1);
  // Character sequences need the letters of unknown words too.
  const unknown = model.characters ? words.length : -1;
  const idOf = (raw: string): number => {
    const id = ids.get(raw);
    if (id !== undefined) return id;
    const folded = foldWord(raw);
    if (model.characters) words[unknown] = folded;
    return ids.get(folded) ?? unknown;
  };
  let visit: (feature: number, start: number, end: number) => void = () => {};
  const walk = createWalker(
    model,
    idOf,
    (parent, symbol, start, end) => {
      const node = trie.find(parent, symbol);
      if (node > 0 && features[node] >= 0) visit(features[node], start, end);
      return node;
    },
    (id) => words[id],
  );
  return {
    each(text, take) {
      visit = take;
      walk(text);
    },
    places(text, wanted) {
      const found: { feature: number; start: number; end: number }[] = [];
      visit = (feature, start, end) => {
        if (wanted.has(feature)) found.push({ feature, start, end });
      };
      walk(text);
      return found;
    },
  };
}

/** Steps through the trie along every term of a text; a step that returns −1 ends its path. */
function createWalker(
  { ngrams, characters }: TermShape,
  idOf: (raw: string) => number,
  step: (parent: number, symbol: number, start: number, end: number) => number,
  wordOf: (id: number) => string,
): (text: string) => void {
  const bounds: number[] = [];
  const ids: number[] = [];
  return (text) => {
    findWords(text, bounds);
    const count = bounds.length / 2;
    for (let at = 0; at < count; at++) {
      ids[at] = idOf(text.slice(bounds[2 * at], bounds[2 * at + 1]));
      if (characters) walkCharacters(` ${wordOf(ids[at])} `, characters.max, bounds[2 * at], bounds[2 * at + 1], step);
    }
    for (let first = 0; first < count; first++) {
      let node = 0;
      for (let last = first; last < count && last < first + ngrams && node >= 0; last++) {
        node = step(node, ids[last], bounds[2 * first], bounds[2 * last + 1]);
      }
    }
  };
}

function walkCharacters(
  padded: string,
  max: number,
  start: number,
  end: number,
  step: (parent: number, symbol: number, start: number, end: number) => number,
): void {
  const symbols = Array.from(padded, symbolOf);
  for (let first = 0; first < symbols.length; first++) {
    let node = 0;
    for (let last = first; last < symbols.length && last < first + max && node >= 0; last++) node = step(node, symbols[last], start, end);
  }
}

/** Characters are negative, word ids are not: both live in one trie. */
function symbolOf(character: string): number {
  return -1 - (character.codePointAt(0) as number);
}

function termOf(trie: TermTrie, node: number, words: readonly string[]): string {
  const characters = trie.symbolOf(node) < 0;
  let term = '';
  for (let at = node; at > 0; at = trie.parentOf(at)) {
    const symbol = trie.symbolOf(at);
    if (characters) term = String.fromCodePoint(-1 - symbol) + term;
    else term = term === '' ? words[symbol] : `${words[symbol]} ${term}`;
  }
  return characters ? `~${term}` : term;
}

function depthOf(trie: TermTrie, node: number): number {
  let depth = 0;
  for (let at = node; at > 0; at = trie.parentOf(at)) depth += 1;
  return depth;
}

/** The frequency at place `wanted` of the sorted list, 0 where all fit. */
function frequencyAt(nodes: readonly number[], frequencies: Int32Array, wanted: number): number {
  if (nodes.length <= wanted) return 0;
  const sorted = Int32Array.from(nodes, (node) => frequencies[node]).sort();
  return sorted[sorted.length - wanted];
}

function byTerm(a: { term: string }, b: { term: string }): number {
  return a.term < b.term ? -1 : 1;
}

/** A copy that does not keep the text alive that it was cut from (V8 shares memory from 13 characters on). */
function unshared(word: string): string {
  return word.length < 13 ? word : word.split('').join('');
}
