import { z } from 'zod';
import { type Answer, failed } from '../model/answer.ts';
import { reasonOf } from '../model/errors.ts';
import type { LabelId } from '../model/ids.ts';
import { nearestName } from '../model/nearest-name.ts';
import type { Problem } from '../model/problem.ts';
import type { Question } from '../model/schema.ts';
import type { Answerer, ComputedLabeler, LabelerTask, Sample } from './labeler.ts';
import { answerPool, labelOption, ruleLabels } from './rule-answers.ts';
import { compileNetwork, factsSet, type Network, readersOf } from './rule-network.ts';
import { components, cycleIn } from './rule-order.ts';
import { type Firing, Run } from './rule-run.ts';

const expression = z.string().min(1);
const scalar = z.union([z.number(), z.boolean(), z.null()]);
const factValue = z
  .union([z.string(), scalar, z.array(z.union([z.string(), scalar]))])
  .describe('A text is a CEL expression ("score + 1", "\'gold\'"); a number, true, false, null or a list is meant as it stands');

const rule = z.strictObject({
  name: z.string().min(1).describe('What explanations and messages call it'),
  when: z
    .union([expression, z.array(expression).min(1)])
    .describe('A CEL condition over fields, text and facts, or several that must all hold'),
  // oxlint-disable-next-line unicorn/no-thenable -- data, never a function; the word that every rule language uses
  then: z
    .strictObject({
      label: labelOption.optional().describe('The label that it says'),
      fact: z.record(z.string(), factValue).optional().describe('Facts that it sets, for other rules to read: { risk: risk + 1 }'),
      retract: z
        .union([z.string(), z.array(z.string())])
        .optional()
        .describe('Facts that it takes back'),
    })
    .refine(({ label, fact, retract }) => label !== undefined || fact !== undefined || retract !== undefined, {
      message: 'give a label, a fact or something to retract',
    }),
  priority: z.number().default(0).describe('Higher comes first, and its label wins over those of lower priority'),
  group: z.string().min(1).optional().describe('Of the rules of a group, only the first that can fires, once'),
  once: z.boolean().default(false).describe('Fires at most once per item, whatever facts change'),
});

const options = z.strictObject({
  facts: z.record(z.string(), factValue).default({}).describe('Facts to start with: { risk: 0 }; each may use the ones before it'),
  rules: z.array(rule).min(1).max(2_000).describe('The rules; several may fire'),
  else: labelOption.optional().describe('What to say where no rule said a label; without it, nothing (abstain)'),
  maxFirings: z.int().min(1).max(100_000).default(1_000).describe('How many firings on one item are taken for a loop: then the item fails'),
});

export type RuleSetOptions = z.infer<typeof options>;

/** Rules that set facts for other rules, fired until none is left to fire (forward chaining).
 *
 *  Order: a rule waits for the rules that set what it reads; then priority; then as written. A rule fires again only when a fact that it reads has
 *  changed. Of rules that set one fact, the last to fire decides; what has been said stays said. A rule that reads a fact which nobody has set
 *  does not fire; a field that is not there fails the item. Rules that never come to an end fail the item and are named.
 *
 *  Labels: where the question takes one, that of the highest priority; different ones of equal priority contradict each other and the rule set
 *  abstains. Where it takes several, all.
 *
 *  C. L. Forgy (1982), Artificial Intelligence 19(1), doi:10.1016/0004-3702(82)90020-0, for the network; see `rule-run.ts` for what of it is here. */
const ruleSet: ComputedLabeler<RuleSetOptions> = {
  kind: 'computed',
  name: 'rule-set',
  title: 'Rule set',
  summary: 'Labels by rules that build on each other through facts, with priorities: for decisions that take several steps.',
  options,
  paper: 'C. L. Forgy (1982), Rete, doi:10.1016/0004-3702(82)90020-0',
  silence: 'abstained',
  prepare,
};
export default ruleSet;

/** What is odd about a rule set but no error: rules that may go in circles, names that look like a misspelt fact, facts that nobody reads.
 *  @throws CoreError 'bad-options' where the rules cannot be compiled */
export function checkRules(options: RuleSetOptions): Problem[] {
  const network = compileNetwork(ruleSet.name, options.facts, options.rules);
  return [...circles(network), ...misspellings(network), ...unread(network)];
}

function prepare({ question, options }: LabelerTask<RuleSetOptions>): Answerer {
  const network = compileNetwork(ruleSet.name, options.facts, options.rules);
  const pool = answerPool(question);
  const labelsOf = ruleLabels(ruleSet.name, question);
  const labels = options.rules.map(({ then }, index) =>
    then.label === undefined ? [] : labelsOf(then.label, `rules.${index}.then.label`),
  );
  const otherwise = pool(options.else === undefined ? [] : labelsOf(options.else, 'else'));
  const run = new Run(network, options.maxFirings);

  const answerTo = (sample: Sample, explain?: (firing: Firing) => void): Answer => {
    const said = new Map<LabelId, number>();
    const sources = { fields: sample.item.fields, text: () => sample.text(question.part) };
    run.on(
      sources,
      ({ index, priority }) => {
        for (const label of labels[index]) said.set(label, Math.max(priority, said.get(label) ?? Number.NEGATIVE_INFINITY));
      },
      explain,
    );
    return said.size === 0 ? otherwise : pool(resolve(said, question));
  };

  return {
    answer: (sample) => {
      try {
        return answerTo(sample);
      } catch (error) {
        return failed(reasonOf(error));
      }
    },
    explain: (sample) => {
      const firings: string[] = [];
      try {
        const answer = answerTo(sample, (firing) => firings.push(describeFiring(firing, labels[firing.rule.index])));
        return answer.kind === 'labels' ? { reason: firings.join('; ') || 'no rule fired' } : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** Labels with the priority at which they were said. */
function resolve(said: ReadonlyMap<LabelId, number>, question: Question): LabelId[] {
  if (question.multiple) return [...said.keys()];
  const highest = Math.max(...said.values());
  const best = [...said].filter(([, priority]) => priority === highest);
  return best.length === 1 ? [best[0][0]] : [];
}

function describeFiring({ rule, saw, changes }: Firing, labels: readonly LabelId[]): string {
  const deeds = [
    ...(changes.length > 0 ? [`sets ${changes.join(', ')}`] : []),
    ...(labels.length > 0 ? [`says ${labels.join(', ')}`] : []),
  ];
  return `'${rule.name}'${saw === '' ? '' : ` (${saw})`} ${deeds.join(' and ') || 'changes nothing'}`;
}

function circles({ rules, nodes }: Network): Problem[] {
  const readers = readersOf(rules, (rule) => rule.nodes.map((node) => nodes[node].reads));
  const edges = rules.map((rule) => (rule.once || rule.group !== undefined ? [] : [...new Set(factsSet(rule).flatMap(readers))]));
  return components(edges).flatMap((component) => {
    const cycle = cycleIn(component, edges)?.map((index) => rules[index]);
    if (!cycle) return [];
    const facts = new Set(
      cycle.slice(1).flatMap((rule, step) => factsSet(cycle[step]).filter((fact) => readers(fact).includes(rules.indexOf(rule)))),
    );
    const names = cycle.map(({ name }) => `'${name}'`).join(' → ');
    const through = [...facts].map((fact) => `'${fact}'`).join(', ');
    return [
      {
        key: `rules.${cycle[0].index}`,
        message: `rules ${names} may go in circles through ${facts.size === 1 ? 'fact' : 'facts'} ${through}`,
      },
    ];
  });
}

function misspellings({ rules, nodes, facts }: Network): Problem[] {
  return rules.flatMap(({ name, index, nodes: asked }) => {
    const reads = asked.flatMap((node) => nodes[node].condition.reads);
    return reads.flatMap(({ name: read, entry }) => {
      const near = entry === undefined && !facts.has(read) ? nearestName(read, facts) : undefined;
      if (near === undefined) return [];
      return [
        {
          key: `rules.${index}.when`,
          message: `rule '${name}' reads '${read}', a field, as no rule sets such a fact; did you mean '${near}'?`,
        },
      ];
    });
  });
}

function unread({ rules, nodes, facts, initial }: Network): Problem[] {
  const assigned = [...initial, ...rules.flatMap(({ assigns }) => assigns)];
  const expressions = [
    ...nodes.map(({ condition }) => condition),
    ...assigned.flatMap(({ value }) => ('constant' in value ? [] : [value])),
  ];
  if (expressions.some(({ reads }) => reads.some(({ name, entry }) => name === 'facts' && entry === undefined))) return [];
  const read = new Set(expressions.flatMap(({ reads }) => reads.map(({ name, entry }) => entry ?? name)));
  return [...facts]
    .filter((fact) => !read.has(fact))
    .map((fact) => ({ key: fact, message: `fact '${fact}' is set, but no rule reads it` }));
}
