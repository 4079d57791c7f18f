import { z } from 'zod';
import { describeFound } from '../matching/describe-found.ts';
import { KeywordFinder } from '../matching/keyword-finder.ts';
import { keywordKey } from '../matching/letters.ts';
import { type Found, placesIn } from '../matching/places.ts';
import { type Answer, abstain } from '../model/answer.ts';
import { CoreError } from '../model/errors.ts';
import type { LabelId } from '../model/ids.ts';
import { labelLookup } from '../model/label-lookup.ts';
import type { Answerer, ComputedLabeler, LabelerTask } from './labeler.ts';
import { readText } from './matched-text.ts';
import { answerPool } from './rule-answers.ts';

const longestKeyword = 200;
const mostCharacters = 2_000_000;

const words = z
  .array(z.string().min(1).max(longestKeyword))
  .min(1)
  .describe('Words and phrases; a space stands for any run of white space');

const options = z
  .strictObject({
    words: words.optional(),
    label: z.string().min(1).optional().describe('The label that the words say'),
    dictionary: z
      .record(z.string().min(1), words)
      .optional()
      .describe(
        'Several labels, each with its words: the label of which most different words occur answers, a tie abstains; where the question takes several labels, all answer',
      ),
    part: z
      .string()
      .min(1)
      .optional()
      .describe("The part of the item to read; without it the question's part, else all text parts, joined by a line break"),
    caseSensitive: z.boolean().default(false).describe('Whether a and A differ'),
    wholeWords: z
      .boolean()
      .default(true)
      .describe(
        'Whether free is found in freedom (no). Scripts without spaces, as Chinese, Japanese and Thai, are always searched inside of words',
      ),
    ignoreAccents: z.boolean().default(false).describe('Whether cafe also finds café'),
    minMatches: z.int().min(1).max(1000).default(1).describe('How often words of a label must occur for it to be said'),
    minDistinct: z.int().min(1).max(1000).default(1).describe('How many different words of a label must occur for it to be said'),
  })
  .refine(({ words: list, dictionary }) => (list === undefined) !== (dictionary === undefined), {
    message: 'give either `words` with `label`, or `dictionary`',
  })
  .refine(({ words: list, label }) => (list === undefined) === (label === undefined), {
    message: '`words` need `label`; in a `dictionary` each list has its own',
  });

export type KeywordsOptions = z.infer<typeof options>;

/** Counts words of a dictionary. Every place of every word counts, inside of a longer phrase too ("free" and "free money" are both in
 *  "free money"). Words that differ only in what does not count (Free, free) are one. */
const keywords: ComputedLabeler<KeywordsOptions> = {
  kind: 'computed',
  name: 'keywords',
  title: 'Keywords',
  summary: 'Labels texts that hold words of a list: for topics with a vocabulary, by word lists of any size.',
  options,
  paper: 'A. V. Aho & M. J. Corasick (1975), Efficient String Matching',
  silence: 'abstained',
  prepare,
};
export default keywords;

function prepare({ question, options }: LabelerTask<KeywordsOptions>): Answerer {
  const { list, labels, labelOf } = readDictionary(options, labelLookup(keywords.name, question));
  const finder = new KeywordFinder(list, options);
  const tally = new Tally(labelOf, labels.length);
  const pool = answerPool(question);
  const part = options.part ?? question.part;
  const { minMatches, minDistinct } = options;
  const enough = (label: number): boolean => tally.occurrences[label] >= minMatches && tally.distinct[label] >= minDistinct;

  /** The labels that answer, as indices; none: abstains. */
  const winners = (text: string): readonly number[] => {
    tally.begin();
    finder.visit(text, (keyword) => {
      tally.count(keyword);
      return labels.length > 1 || !enough(0);
    });
    const said = labels.map((_, label) => label).filter(enough);
    if (question.multiple || said.length < 2) return said;
    const most = Math.max(...said.map((label) => tally.distinct[label]));
    const best = said.filter((label) => tally.distinct[label] === most);
    return best.length === 1 ? best : [];
  };

  const alone: Answer | undefined = labels.length === 1 ? pool(labels) : undefined;
  return {
    answer: (sample) => {
      const text = readText(sample, part, Number.POSITIVE_INFINITY);
      if (typeof text !== 'string') return text;
      const said = winners(text);
      if (said.length === 0) return abstain;
      return alone ?? pool(said.map((label) => labels[label]));
    },
    explain: (sample) => {
      const text = readText(sample, part, Number.POSITIVE_INFINITY);
      if (typeof text !== 'string') return undefined;
      const said = winners(text);
      if (said.length === 0) return undefined;
      const found = placesOf(finder, text, (keyword) => (said.includes(labelOf[keyword]) ? labels[labelOf[keyword]] : undefined));
      const more = found.length >= mostShown ? `, looked for no more than ${mostShown}` : '';
      return { reason: `${describeFound(text, found)}${more}`, matches: placesIn(sample.item, part, found) };
    },
  };
}

const mostShown = 100;

function placesOf(finder: KeywordFinder, text: string, labelOf: (keyword: number) => LabelId | undefined): Found[] {
  const found: Found[] = [];
  finder.visit(text, (keyword, start, end) => {
    const label = labelOf(keyword);
    if (label !== undefined) found.push({ start, end, label });
    return found.length < mostShown;
  });
  return found.sort((a, b) => a.start - b.start || b.end - a.end);
}

interface Dictionary {
  readonly list: readonly string[];
  readonly labels: readonly LabelId[];
  /** Per word of the list, the index of its label. */
  readonly labelOf: readonly number[];
}

/** @throws CoreError 'bad-options' for an unknown label, a word of which nothing is left, or a dictionary past memory */
function readDictionary(options: KeywordsOptions, lookUp: ReturnType<typeof labelLookup>): Dictionary {
  const given = options.dictionary ?? { [options.label ?? '']: options.words ?? [] };
  const list: string[] = [];
  const labels: LabelId[] = [];
  const labelOf: number[] = [];
  let characters = 0;
  for (const [name, entries] of Object.entries(given)) {
    const path = options.dictionary ? `dictionary.${name}` : 'words';
    labels.push(lookUp(name, options.dictionary ? path : 'label'));
    const seen = new Set<string>();
    entries.forEach((entry, index) => {
      const key = keywordKey(entry, options);
      if (key === undefined) {
        throw new CoreError('bad-options', `${keywords.name}: ${path}.${index}: a word must have a character that counts, got '${entry}'`);
      }
      characters += key.length;
      if (seen.has(key)) return;
      seen.add(key);
      list.push(entry);
      labelOf.push(labels.length - 1);
    });
  }
  if (characters > mostCharacters) {
    const message = `all words together may have ${mostCharacters} characters, got ${characters}: split them over several labelers`;
    throw new CoreError('bad-options', `${keywords.name}: ${message}`);
  }
  return { list, labels, labelOf };
}

/** How often, and how many different words of each label occurred, for one text after the other. */
class Tally {
  readonly occurrences: Int32Array;
  readonly distinct: Int32Array;
  private readonly labelOf: readonly number[];
  /** The text in which a word was last seen. */
  private readonly seenIn: Int32Array;
  private text = 0;

  constructor(labelOf: readonly number[], labels: number) {
    this.labelOf = labelOf;
    this.occurrences = new Int32Array(labels);
    this.distinct = new Int32Array(labels);
    this.seenIn = new Int32Array(labelOf.length);
  }

  begin(): void {
    this.occurrences.fill(0);
    this.distinct.fill(0);
    this.text = this.text === 0x7fffffff ? this.restart() : this.text + 1;
  }

  count(word: number): void {
    const label = this.labelOf[word];
    this.occurrences[label]++;
    if (this.seenIn[word] === this.text) return;
    this.seenIn[word] = this.text;
    this.distinct[label]++;
  }

  private restart(): number {
    this.seenIn.fill(0);
    return 1;
  }
}
