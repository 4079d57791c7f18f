import { type Alphabet, surrogate, type Text } from './alphabet.ts';
import { anyAssertion } from './assertions.ts';
import { Closure } from './closure.ts';
import { membership, type Program, read } from './program.ts';

/** Finds the next place where a match may begin without reading all that lies before. Every match has at least `length` units; `shifts` says
 *  for each pair of classes how far its second may at least be from the end of a match's first `length` units: 0 where the
 *  pair may be their end. A window of that length moves on by the shift of the pair at its end, as in Boyer–Moore–Horspool.
 *
 *  R. N. Horspool (1980), Software: Practice and Experience 10(6), doi:10.1002/spe.4380100608;
 *  for sets of words by blocks: S. Wu & U. Manber (1994), University of Arizona TR-94-17. */
export class Leap {
  /** Units that every match has at least. */
  readonly length: number;
  private readonly shifts: Uint8Array;
  private readonly alphabet: Alphabet;

  constructor(length: number, shifts: Uint8Array, alphabet: Alphabet) {
    this.length = length;
    this.shifts = shifts;
    this.alphabet = alphabet;
  }

  /** The first place at or after `from` (a code point's start) that a match may begin at; -1: none does. */
  next(text: Text, from: number): number {
    const { shifts, length } = this;
    const { ofUnit, size } = this.alphabet;
    const units = text.length;
    let last = from + length - 1;
    while (last < units) {
      const shift = shifts[ofUnit[text.charCodeAt(last - 1)] * size + ofUnit[text.charCodeAt(last)]];
      if (shift === 0) return wholeFrom(text, last - length + 1, from);
      last += shift;
    }
    return -1;
  }
}

/** Not between the two units of a code point: then at its start, which is a place before, and no earlier than `from`. */
function wholeFrom(text: Text, place: number, from: number): number {
  if (place === from) return place;
  const unit = text.charCodeAt(place);
  if (unit < 0xdc00 || unit > 0xdfff) return place;
  const before = text.charCodeAt(place - 1);
  return before >= 0xd800 && before <= 0xdbff ? place - 1 : place;
}

const longest = 24;
const mostClasses = 64;
const mostReaders = 64;
/** In units: what a look at a pair costs, in steps of the automaton. Shorter leaps do not pay. */
const worthwhile = 3;
/** In units: what a place costs at which no match begins after all. */
const falseAlarm = 4;

/** The best leap for a program; undefined where matches may be shorter than two units, or where it would move on by less than `least` units a step. */
export function leapOf(program: Program, alphabet: Alphabet, least = worthwhile): Leap | undefined {
  const { size } = alphabet;
  if (size > mostClasses) return undefined;
  const walk = new Walk(program, alphabet);
  let readers = walk.start();
  if (walk.accepts) return undefined;
  const shares = classShares(alphabet);
  const firsts = walk.classesOf(readers);
  // For a window of one unit: 0 where a match may begin with the pair's second.
  const shifts = new Uint8Array(size * size);
  for (let pair = 0; pair < shifts.length; pair++) shifts[pair] = 1 - firsts[pair % size];
  let best: Leap | undefined;
  let bestStep = least;
  for (let length = 2; length <= longest && readers.length <= mostReaders; length++) {
    const pairs = new Uint8Array(size * size);
    readers = walk.advance(readers, pairs);
    if (walk.accepts) break;
    for (let pair = 0; pair < shifts.length; pair++) shifts[pair] = pairs[pair] === 1 ? 0 : shifts[pair] + 1;
    const step = expectedStep(shifts, shares);
    if (step > bestStep) {
      bestStep = step;
      best = new Leap(length, shifts.slice(), alphabet);
    }
  }
  return best;
}

/** Which instructions may read the first unit of a match, the second … A reader is an instruction, or its number plus `program.size` where it
 *  reads the second half of a surrogate pair. Assertions are taken to hold: too many readers make leaps shorter, never wrong. */
class Walk {
  /** A match may end before the unit that the readers last returned would read. */
  accepts = false;
  private readonly program: Program;
  private readonly closure: Closure;
  private readonly wide: readonly boolean[];
  private readonly rows: readonly Uint8Array[];
  private readonly lowRow: Uint8Array;

  constructor(program: Program, alphabet: Alphabet) {
    this.program = program;
    this.closure = new Closure(program);
    this.wide = program.sets.map((set) => set.length > 0 && set[set.length - 1] > 0xffff);
    const reads = membership(program, alphabet);
    this.rows = program.sets.map((set, s) => {
      const row = reads.slice(s * alphabet.size, (s + 1) * alphabet.size);
      if (set.length > 0 && set[set.length - 1] >= 0xd800) row[surrogate] = 1;
      return row;
    });
    this.lowRow = new Uint8Array(alphabet.size);
    for (let unit = 0xdc00; unit <= 0xdfff; unit++) this.lowRow[alphabet.ofUnit[unit]] = 1;
  }

  start(): number[] {
    this.closure.begin();
    this.closure.add(this.program.start, anyAssertion);
    this.accepts = this.closure.accepts;
    return this.found();
  }

  /** The readers of the next unit; `pairs` gets 1 for each pair of classes that the two units may have. */
  advance(readers: readonly number[], pairs: Uint8Array): number[] {
    const next = new Set<number>();
    this.accepts = false;
    for (const reader of readers) {
      const after = this.after(reader);
      for (const follower of after) next.add(follower);
      const seconds = this.classesOf(after);
      this.rowOf(reader).forEach((may, first) => {
        if (may === 1) for (let second = 0; second < seconds.length; second++) pairs[first * seconds.length + second] |= seconds[second];
      });
    }
    return [...next];
  }

  /** 1 for each class that one of the readers reads. */
  classesOf(readers: readonly number[]): Uint8Array {
    const classes = new Uint8Array(this.lowRow.length);
    for (const reader of readers) this.rowOf(reader).forEach((may, c) => (classes[c] |= may));
    return classes;
  }

  private rowOf(reader: number): Uint8Array {
    return reader < this.program.size ? this.rows[this.program.set[reader]] : this.lowRow;
  }

  private after(reader: number): number[] {
    const { program, closure } = this;
    closure.begin();
    closure.add(program.out[reader % program.size], anyAssertion);
    this.accepts ||= closure.accepts;
    const followers = this.found();
    if (reader < program.size && this.wide[program.set[reader]]) followers.push(reader + program.size);
    return followers;
  }

  private found(): number[] {
    return Array.from(this.closure.found.subarray(0, this.closure.count)).filter((pc) => this.program.kind[pc] === read);
  }
}

/** How far a window moves on average where units follow each other at random. */
function expectedStep(shifts: Uint8Array, shares: Float64Array): number {
  let step = 0;
  for (let pair = 0; pair < shifts.length; pair++) {
    const share = shares[Math.floor(pair / shares.length)] * shares[pair % shares.length];
    step += share * (shifts[pair] === 0 ? -falseAlarm : shifts[pair]);
  }
  return step;
}

// Ordinary prose: how often letters follow each other by chance only chooses between windows that are all correct.
const typical =
  'Thanks for your order 1042. We have sent the parcel today and it should be with you by Friday, at the latest on Monday. If anything is missing, ' +
  'please write back within 30 days: our team will look at it. You can see where it is at https://example.org/track?id=88217 - no need to log in.\n';

/** The share of each class in the units of a typical text. */
function classShares(alphabet: Alphabet): Float64Array {
  const shares = new Float64Array(alphabet.size);
  for (let at = 0; at < typical.length; at++) shares[alphabet.ofUnit[typical.charCodeAt(at)]] += 1 / typical.length;
  return shares;
}
