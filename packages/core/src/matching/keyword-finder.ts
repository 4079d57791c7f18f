import { type Alphabet, alphabetOf, codePointAt, surrogate, type Text } from './alphabet.ts';
import { advance, type KeywordTrie, keywordTrie } from './keyword-trie.ts';
import { countingAs, ignored, type Spelling, spellingsOf, whiteSpace } from './letters.ts';
import { codePointBefore, isWordBoundary } from './word-boundary.ts';

export interface FinderOptions extends Spelling {
  /** Only where the keyword stands between word boundaries (`isWordBoundary`). */
  readonly wholeWords: boolean;
}

/** Gets a keyword's number and its place in UTF-16 units; false stops the search. */
export type Visit = (keyword: number, start: number, end: number) => boolean;

/** Finds every place of every keyword in a text, overlapping ones too, in one pass: by end, longer keywords first.
 *  Automaton cells for the nodes nearest the root, which texts visit most, are laid out as a table; deeper nodes follow their links.
 *  O(text + occurrences), at most (longest keyword) occurrences per place. */
export class KeywordFinder {
  private readonly alphabet: Alphabet;
  private readonly trie: KeywordTrie;
  /** Keywords per sequence of the trie: several where they differ only in what the spelling leaves open. */
  private readonly keywords: readonly (readonly number[])[];
  private readonly wholeWords: boolean;
  private readonly space: number;
  private readonly ignored: number;
  /** Nodes below this have a row in `cells`; their state is the row's start. Past them states count on by one. */
  private readonly tabled: number;
  /** Row-major, a column per class: the state that follows, negated where a keyword ends; `surrogates` for halves of pairs. */
  private readonly cells: Int32Array;
  /** Of the search under way. */
  private state = 0;

  /** @param keywords none of which is blank
   *  @param cells how large the table may be */
  constructor(keywords: readonly string[], options: FinderOptions, cells = mostCells) {
    const spellings = keywords.map((keyword) => spellingsOf(keyword, options));
    const letters = new Set(Array.from(spellings.flat().join('').replaceAll(' ', ''), (letter) => letter.codePointAt(0) as number));
    const sets = [whiteSpace, ignored(options), ...[...letters].map((letter) => countingAs(letter, options))];
    this.alphabet = alphabetOf(sets);
    this.space = this.alphabet.of(32);
    this.ignored = this.alphabet.of(0xfe0f);
    this.wholeWords = options.wholeWords;
    const keywordsOf = new Map<string, number[]>();
    spellings.forEach((forms, keyword) => {
      for (const form of forms) {
        let sequence = '';
        for (const letter of form) sequence += String.fromCharCode(this.alphabet.of(letter.codePointAt(0) as number));
        const known = keywordsOf.get(sequence);
        if (!known) keywordsOf.set(sequence, [keyword]);
        else if (!known.includes(keyword)) known.push(keyword);
      }
    });
    const sequences = [...keywordsOf.keys()].sort();
    this.keywords = sequences.map((sequence) => keywordsOf.get(sequence) as number[]);
    this.trie = keywordTrie(sequences);
    this.tabled = Math.min(this.trie.size, Math.max(1, Math.floor(cells / this.alphabet.size)));
    this.cells = this.table();
  }

  visit(text: Text, visit: Visit): void {
    this.state = 0;
    for (let at = 0; ; ) {
      at = this.skim(text, at);
      if (at >= text.length) return;
      const codePoint = codePointAt(text, at);
      const next = this.follow(this.state, this.alphabet.of(codePoint));
      at += codePoint > 0xffff ? 2 : 1;
      const state = Math.abs(next);
      if (next < 0 && !this.report(text, at, this.nodeOf(state), visit)) return;
      this.state = state;
    }
  }

  /** On from `this.state` to the first place where the table alone does not tell how to go on, or a keyword ends. A function of its own: its loop then is
   *  compiled to twice the speed. */
  private skim(text: Text, from: number): number {
    const { cells } = this;
    const { ofUnit, size } = this.alphabet;
    const rows = this.tabled * size;
    const units = text.length;
    let { state } = this;
    let at = from;
    for (; at < units && state < rows; at++) {
      const next = cells[state + ofUnit[text.charCodeAt(at)]];
      if (next < 0) break;
      state = next;
    }
    this.state = state;
    return at;
  }

  private follow(state: number, column: number): number {
    if (state < this.tabled * this.alphabet.size) return this.cells[state + column];
    return this.next(this.nodeOf(state), column, (node) => advance(this.trie, node, column));
  }

  /** The state after a class; runs of space count once, what is ignored not at all. */
  private next(node: number, column: number, step: (node: number) => number): number {
    if (column === this.ignored || (column === this.space && this.trie.via[node] === this.space)) return this.stateOf(node);
    const to = step(node);
    const ends = this.trie.sequence[to] >= 0 || this.trie.nextEnding[to] > 0;
    return ends ? -this.stateOf(to) : this.stateOf(to);
  }

  private table(): Int32Array {
    const { trie, tabled } = this;
    const { size } = this.alphabet;
    const steps = new Int32Array(tabled * size);
    for (let node = 0; node < tabled; node++) {
      // What a node has no child for, its failure link knows; that row is done.
      if (node > 0) steps.copyWithin(node * size, trie.fail[node] * size, (trie.fail[node] + 1) * size);
      for (let child = trie.firstChild[node]; child < trie.firstChild[node + 1]; child++) steps[node * size + trie.via[child]] = child;
    }
    const cells = steps.map((to, cell) => this.next(Math.floor(cell / size), cell % size, () => to));
    for (let node = 0; node < tabled; node++) cells[node * size + surrogate] = surrogates;
    return cells;
  }

  private stateOf(node: number): number {
    const { tabled } = this;
    return node < tabled ? node * this.alphabet.size : tabled * this.alphabet.size + node - tabled;
  }

  private nodeOf(state: number): number {
    const rows = this.tabled * this.alphabet.size;
    return state < rows ? state / this.alphabet.size : state - rows + this.tabled;
  }

  private report(text: Text, at: number, node: number, visit: Visit): boolean {
    const end = this.pastIgnored(text, at);
    if (this.wholeWords && !isWordBoundary(text, end)) return true;
    for (
      let ending = this.trie.sequence[node] >= 0 ? node : this.trie.nextEnding[node];
      ending > 0;
      ending = this.trie.nextEnding[ending]
    ) {
      const start = this.startOf(text, at, ending);
      if (this.wholeWords && !isWordBoundary(text, start)) continue;
      for (const keyword of this.keywords[this.trie.sequence[ending]]) if (!visit(keyword, start, end)) return false;
    }
    return true;
  }

  private pastIgnored(text: Text, from: number): number {
    let at = from;
    while (at < text.length && this.alphabet.of(text.charCodeAt(at)) === this.ignored) at++;
    return at;
  }

  /** Back along the keyword, over what the automaton passed by. */
  private startOf(text: Text, end: number, ending: number): number {
    let at = end;
    const back = (...classes: readonly number[]): void => {
      while (at > 0 && classes.includes(this.alphabet.of(text.charCodeAt(at - 1)))) at--;
    };
    for (let node = ending; node > 0; node = this.trie.parent[node]) {
      back(this.ignored);
      at -= codePointBefore(text, at) > 0xffff ? 2 : 1;
      if (this.trie.via[node] === this.space) back(this.space, this.ignored);
    }
    return at;
  }
}

const mostCells = 1 << 20;
const surrogates = -0x80000000;
