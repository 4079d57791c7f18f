import { z } from 'zod';
import { describeFound } from '../matching/describe-found.ts';
import { compilePattern, type Pattern } from '../matching/pattern.ts';
import { type Found, placesIn } from '../matching/places.ts';
import type { Answer } from '../model/answer.ts';
import { CoreError } from '../model/errors.ts';
import type { LabelId } from '../model/ids.ts';
import type { Explanation } from '../model/vote.ts';
import type { Answerer, ComputedLabeler, LabelerTask, Sample } from './labeler.ts';
import { readText } from './matched-text.ts';
import { answerPool, labelOption, ruleLabels } from './rule-answers.ts';

const pattern = z
  .string()
  .min(1)
  .superRefine((source, context) => {
    try {
      compilePattern(source, { caseSensitive: false });
    } catch (thrown) {
      if (!(thrown instanceof CoreError)) throw thrown;
      context.addIssue({ code: 'custom', message: thrown.message });
    }
  })
  .describe('What to find, anywhere in the text, in RE2 syntax: \\b(buy|sell)\\s+now\\b');

const minMatches = z.int().min(1).max(100).describe('How often it must match, without overlaps, for the label to be said');

const rule = z.strictObject({
  pattern,
  label: labelOption.describe('The label that this rule says; several where the question takes several'),
  minMatches: minMatches.optional(),
});

const options = z
  .strictObject({
    pattern: pattern.optional(),
    patterns: z
      .array(pattern)
      .min(1)
      .optional()
      .describe('Several patterns for one label: any of them will do; their matches count together'),
    label: labelOption.optional().describe('The label that the pattern or the patterns say'),
    rules: z
      .array(rule)
      .min(1)
      .optional()
      .describe(
        'Pairs of pattern and label, in order: the first that matches answers; where the question takes several labels, all that match',
      ),
    else: labelOption.optional().describe('What to say where nothing matches; without it, nothing (abstain)'),
    part: z
      .string()
      .min(1)
      .optional()
      .describe("The part of the item to read; without it the question's part, else all text parts, joined by a line break"),
    caseSensitive: z.boolean().default(false).describe('Whether a and A differ; (?i) and (?-i) inside a pattern say it for that pattern'),
    minMatches: minMatches.default(1),
  })
  .refine(({ pattern, patterns, rules }) => [pattern, patterns, rules].filter((given) => given !== undefined).length === 1, {
    message: 'give one of `pattern`, `patterns` or `rules`',
  })
  .refine(({ rules, label }) => (rules === undefined) === (label !== undefined), {
    message: 'a pattern needs `label`; with `rules`, each rule has its own',
  });

export type RegexOptions = z.infer<typeof options>;

/** Rules as regular expressions, in time linear in the text whatever the pattern (`matching/automaton.ts`). */
const regex: ComputedLabeler<RegexOptions> = {
  kind: 'computed',
  name: 'regex',
  title: 'Regular expressions',
  summary: 'Labels texts that a pattern matches: for wording, numbers, links and other things with a form.',
  options,
  paper: 'R. Cox (2007), Regular Expression Matching Can Be Simple And Fast',
  silence: 'abstained',
  prepare,
};
export default regex;

interface Rule {
  readonly patterns: readonly Pattern[];
  readonly minMatches: number;
  readonly labels: readonly LabelId[];
  readonly answer: Answer;
}

/** Steps that one rule may take on one text at worst: some seconds. Counted beforehand, so the answer does not depend on what came before. */
const mostSteps = 1e9;
const mostShown = 100;

function prepare({ question, options }: LabelerTask<RegexOptions>): Answerer {
  const labelsOf = ruleLabels(regex.name, question);
  const pool = answerPool(question);
  const rules = writtenRules(options).map(({ patterns, label, labelPath, minMatches }): Rule => {
    const labels = labelsOf(label, labelPath);
    return {
      patterns: patterns.map(([source, path]) => compile(source, path, options.caseSensitive)),
      minMatches,
      labels,
      answer: pool(labels),
    };
  });
  const otherwise = pool(options.else === undefined ? [] : labelsOf(options.else, 'else'));
  const part = options.part ?? question.part;
  const longest = Math.floor(
    mostSteps / Math.max(...rules.map((each) => each.minMatches * each.patterns.reduce((sum, { size }) => sum + size, 0))),
  );

  const matching = (text: string): readonly Rule[] => {
    if (question.multiple) return rules.filter((each) => holds(each, text));
    const first = rules.find((each) => holds(each, text));
    return first ? [first] : [];
  };

  return {
    answer: (sample) => {
      const text = readText(sample, part, longest);
      if (typeof text !== 'string') return text;
      if (question.multiple) {
        const held = matching(text);
        return held.length === 0 ? otherwise : pool(held.flatMap(({ labels }) => labels));
      }
      for (const each of rules) if (holds(each, text)) return each.answer;
      return otherwise;
    },
    explain: (sample) => {
      const text = readText(sample, part, longest);
      if (typeof text !== 'string') return undefined;
      const held = matching(text);
      if (held.length > 0) return explain(sample, part, text, held, rules);
      return otherwise.kind === 'labels' ? { reason: 'no pattern matches' } : undefined;
    },
  };
}

interface WrittenRule {
  readonly patterns: readonly (readonly [source: string, path: string])[];
  readonly label: NonNullable<RegexOptions['label']>;
  readonly labelPath: string;
  readonly minMatches: number;
}

function writtenRules({ pattern: single, patterns, label = [], rules, minMatches }: RegexOptions): WrittenRule[] {
  if (rules) {
    return rules.map((each, r) => ({
      patterns: [[each.pattern, `rules.${r}.pattern`]],
      label: each.label,
      labelPath: `rules.${r}.label`,
      minMatches: each.minMatches ?? minMatches,
    }));
  }
  const sources = patterns?.map((source, p) => [source, `patterns.${p}`] as const) ?? [[single ?? '', 'pattern'] as const];
  return [{ patterns: sources, label, labelPath: 'label', minMatches }];
}

function compile(source: string, path: string, caseSensitive: boolean): Pattern {
  try {
    return compilePattern(source, { caseSensitive });
  } catch (thrown) {
    if (!(thrown instanceof CoreError)) throw thrown;
    throw new CoreError('bad-options', `${regex.name}: ${path}: ${thrown.message}`, { ...thrown.details, path }, { cause: thrown });
  }
}

function holds({ patterns, minMatches }: Rule, text: string): boolean {
  let wanted = minMatches;
  for (const each of patterns) {
    if (!each.test(text)) continue;
    if (wanted === 1) return true;
    wanted -= each.find(text, wanted).length;
    if (wanted <= 0) return true;
  }
  return false;
}

function explain(sample: Sample, part: string | undefined, text: string, held: readonly Rule[], rules: readonly Rule[]): Explanation {
  const found: Found[] = [];
  const reasons = held.map((each) => {
    const limit = (pattern: Pattern): number =>
      Math.max(each.minMatches, Math.min(mostShown, Math.floor(mostSteps / (pattern.size * text.length + 1))));
    const spans = each.patterns.flatMap((pattern) => pattern.find(text, limit(pattern)));
    spans.sort((a, b) => a.start - b.start);
    for (const span of spans) for (const label of each.labels) found.push({ ...span, label });
    const more = spans.length >= mostShown ? `, looked for no more than ${mostShown}` : '';
    return `${rules.length > 1 ? `rule ${rules.indexOf(each) + 1} ` : ''}${describeFound(text, spans)}${more}`;
  });
  return { reason: reasons.join('; '), matches: placesIn(sample.item, part, found) };
}
