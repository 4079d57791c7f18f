import type { Random } from '../math/random.ts';
import type { About } from '../model/about.ts';
import type { Answer } from '../model/answer.ts';
import type { LabelId } from '../model/ids.ts';
import { type Item, textOf } from '../model/item.ts';
import type { Json } from '../model/json.ts';
import type { Question } from '../model/schema.ts';
import type { Explanation, Silence } from '../model/vote.ts';

/** Given the options of one labeler and the question that it answers, makes what answers items. `Model` is what it learned: plain JSON,
 *  stored, compared and sent to workers; rules have none (null). */
export interface ComputedLabeler<Options, Model extends Json = null> extends About<Options> {
  readonly kind: 'computed';
  /** What no vote means unless the user says otherwise: rules looked and abstained. */
  readonly silence: Silence;
  /** Absent for labelers that learn nothing. Same training set and random stream, same model. */
  readonly learn?: (training: TrainingSet, options: Options, random: Random) => Model;
  /** Compiles once; then `answer` runs per item. @throws CoreError 'bad-options' where the options do not fit the question
   *  (an unknown label, a pattern that does not parse), naming the key */
  readonly prepare: (task: LabelerTask<Options, Model>) => Answerer | Promise<Answerer>;
}

export interface LabelerTask<Options, Model extends Json = null> {
  readonly question: Question;
  readonly options: Options;
  readonly model: Model;
}

/** Ready to answer. Stateless as seen from outside: the same sample always gets the same answer, in any order. */
export interface Answerer {
  /** Called millions of times: return shared frozen answers where possible. Never throws for an item: what goes wrong is a `failed` answer. */
  readonly answer: (sample: Sample) => Answer;
  /** Why it answers so: recomputed when somebody looks. Undefined where it abstains. */
  readonly explain?: (sample: Sample) => Explanation | undefined;
  readonly dispose?: () => void;
}

/** Core writes the request and reads the replies; engine or screen carries them: LLMs, people. Pure: the same asking, the same request. */
export interface AskedLabeler<Options, Request extends Json, Reply extends Json> extends About<Options> {
  readonly kind: 'asked';
  readonly silence: Silence;
  /** Why this item cannot be asked about (nothing of it can be shown); undefined where it can. */
  readonly obstacle: (item: Item, question: Question, options: Options) => string | undefined;
  /** One request about one or several items. @throws CoreError 'bad-asking' where there is no item or one of them has an obstacle */
  readonly ask: (asking: Asking, options: Options) => Request;
  /** One answer per item, in the order of the items. Never throws for a reply: what cannot be read is `failed`, never an opinion. */
  readonly read: (replies: readonly Reply[], asking: Asking, options: Options) => readonly Answer[];
}

/** What one request is about. */
export interface Asking {
  readonly items: readonly Item[];
  readonly question: Question;
  /** Of the schema. Markdown. */
  readonly guidelines?: string;
  /** Answers of people to learn from, most useful first; never those of the items asked about. */
  readonly examples?: readonly AnsweredItem[];
  /** Media by the content of their part (a hash or path): whoever asks has loaded them. */
  readonly images?: ReadonlyMap<string, { readonly mediaType: string; readonly base64: string }>;
}

export interface AnsweredItem {
  readonly item: Item;
  /** Empty: none applies. */
  readonly labels: readonly LabelId[];
}

/** Options checked; kept by registries, where the types of options and models are not known any more. */
// oxlint-disable-next-line typescript/no-explicit-any -- existential type; each technique checks its own options by its own schema
export type AnyComputedLabeler = ComputedLabeler<any, any>;
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type AnyAskedLabeler = AskedLabeler<any, any, any>;

/** Items with what is believed of them: row i of `posterior` (n×k) is the soft label of `samples[i]`. Rows sum to 1;
 *  of a question with several labels each number is P(label holds) by itself. */
export interface TrainingSet {
  readonly samples: readonly Sample[];
  readonly labels: readonly LabelId[];
  readonly posterior: Float64Array;
  /** n, at least 0: 0 teaches nothing (nobody voted). Absent: 1 each. */
  readonly weights?: Float64Array;
  /** Several labels may hold at once. Absent: read from the rows (do they sum to 1?). */
  readonly multiple?: boolean;
}

/** An item as labelers see it, with a memory for what several labelers derive from it (lower-cased text, tokens). */
export class Sample {
  readonly item: Item;
  private readonly derived = new Map<string | symbol, unknown>();

  constructor(item: Item) {
    this.item = item;
  }

  /** All text parts, or one. */
  text(part?: string): string {
    return this.memo(part === undefined ? allText : part, () => textOf(this.item, part));
  }

  /** `make()` once per item and key. Keys of different meanings must differ: use a symbol per module. */
  memo<Value>(key: string | symbol, make: () => Value): Value {
    let value = this.derived.get(key) as Value | undefined;
    if (value === undefined) {
      value = make();
      this.derived.set(key, value);
    }
    return value;
  }
}

const allText = Symbol('all text');
