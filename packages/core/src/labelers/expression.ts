import { z } from 'zod';
import { describeReadings } from '../expressions/evidence.ts';
import { type Condition, compileCondition } from '../expressions/expression.ts';
import { compileFacts } from '../expressions/facts.ts';
import { Scope } from '../expressions/scope.ts';
import { type Answer, failed } from '../model/answer.ts';
import { reasonOf } from '../model/errors.ts';
import type { LabelId } from '../model/ids.ts';
import type { Answerer, ComputedLabeler, LabelerTask, Sample } from './labeler.ts';
import { answerPool, labelOption, ruleLabels } from './rule-answers.ts';

const when = z.string().min(1).describe('A CEL expression that is true or false: size(text) < 40 && amount > 100');

const rule = z.strictObject({
  when,
  label: labelOption.describe('The label that this rule says; several where the question takes several'),
});

const options = z
  .strictObject({
    facts: z
      .record(z.string(), z.string().min(1))
      .default({})
      .describe('Names for values that rules use: { shout: text == text.upperAscii() }; computed once per item, when asked for'),
    rules: z
      .array(rule)
      .min(1)
      .optional()
      .describe('In order: the first that holds answers; where the question takes several labels, all that hold'),
    when: when.optional().describe('Short form for a single rule'),
    label: labelOption.optional().describe('The label of the short form'),
    else: labelOption.optional().describe('What to say where no rule holds; without it, nothing (abstain)'),
  })
  .refine(({ rules, when, label }) => (rules === undefined) !== (when === undefined) && (when === undefined) === (label === undefined), {
    message: 'give either `rules`, or `when` with `label`',
  });

export type ExpressionOptions = z.infer<typeof options>;

/** Rules as CEL expressions over the fields and the text of an item. A rule whose expression has no value on an item (a field that is not there,
 *  a text where a number is needed) makes the answer `failed`, unless an earlier rule held or the rest of the expression decides:
 *  `has(item.amount) && amount > 100` asks first. */
const expression: ComputedLabeler<ExpressionOptions> = {
  kind: 'computed',
  name: 'expression',
  title: 'Expressions',
  summary: 'Labels by conditions over fields and text, written in CEL: for what is known to follow from the data.',
  options,
  paper: 'Common Expression Language, https://github.com/google/cel-spec',
  silence: 'abstained',
  prepare,
};
export default expression;

interface Rule {
  readonly condition: Condition;
  readonly labels: readonly LabelId[];
  readonly answer: Answer;
}

function prepare({ question, options }: LabelerTask<ExpressionOptions>): Answerer {
  const labelsOf = ruleLabels(expression.name, question);
  const pool = answerPool(question);
  const written = options.rules ?? [{ when: options.when ?? '', label: options.label ?? [] }];
  const rules = written.map(({ when, label }, index): Rule => {
    const path = options.rules ? `rules.${index}.` : '';
    const labels = labelsOf(label, `${path}label`);
    return { condition: compileCondition(when, expression.name, `${path}when`), labels, answer: pool(labels) };
  });
  const otherwise = pool(options.else === undefined ? [] : labelsOf(options.else, 'else'));
  const facts = compileFacts(options.facts, expression.name, 'facts');
  const scopeOf = (sample: Sample): Scope =>
    facts.on((fact) => new Scope({ fields: sample.item.fields, text: () => sample.text(question.part), fact }));

  /** Throws at a rule that has no value. */
  const firstHolding = (scope: Scope): Rule | undefined => {
    for (let index = 0; index < rules.length; index++) if (holds(rules[index], index, scope)) return rules[index];
    return undefined;
  };
  const allHolding = (scope: Scope): Rule[] => rules.filter((rule, index) => holds(rule, index, scope));

  return {
    answer: (sample) => {
      try {
        const scope = scopeOf(sample);
        if (!question.multiple) return firstHolding(scope)?.answer ?? otherwise;
        const held = allHolding(scope);
        return held.length === 0 ? otherwise : pool(held.flatMap(({ labels }) => labels));
      } catch (error) {
        return failed(reasonOf(error));
      }
    },
    explain: (sample) => {
      try {
        const scope = scopeOf(sample);
        const first = question.multiple ? undefined : firstHolding(scope);
        const held = question.multiple ? allHolding(scope) : first ? [first] : [];
        if (held.length > 0) return { reason: held.map((rule) => reasonFor(rule, rules.indexOf(rule), scope)).join('; ') };
        return otherwise.kind === 'labels' ? { reason: 'no rule holds' } : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

function holds(rule: Rule, index: number, scope: Scope): boolean {
  try {
    return rule.condition.holds(scope);
  } catch (error) {
    throw new Error(`rule ${index + 1} (${rule.condition.source}): ${reasonOf(error)}`, { cause: error });
  }
}

function reasonFor({ condition }: Rule, index: number, scope: Scope): string {
  const seen = describeReadings(condition.reads, scope);
  return `rule ${index + 1}: ${condition.source}${seen === '' ? '' : ` — ${seen}`}`;
}
