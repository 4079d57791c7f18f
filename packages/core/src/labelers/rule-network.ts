import { type Condition, compileCondition, compileExpression, type Expression } from '../expressions/expression.ts';
import { checkFactName } from '../expressions/facts.ts';
import { factsName } from '../expressions/scope.ts';
import { CoreError } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import { nearestName } from '../model/nearest-name.ts';
import { components } from './rule-order.ts';

/** A rule as written, as far as chaining needs it. */
export interface WrittenRule {
  readonly name: string;
  readonly when: string | readonly string[];
  readonly then: { readonly fact?: Readonly<Record<string, Json>> | undefined; readonly retract?: string | readonly string[] | undefined };
  readonly priority: number;
  readonly group?: string | undefined;
  readonly once: boolean;
}

export interface Assignment {
  readonly fact: string;
  readonly value: Expression | { readonly constant: Json };
}

/** A condition that one or more rules ask; equal texts are one, evaluated once. */
export interface Node {
  readonly condition: Condition;
  /** Facts that it reads; undefined: any may matter (`facts[name]`). */
  readonly reads: ReadonlySet<string> | undefined;
}

export interface CompiledRule {
  readonly name: string;
  /** Position as written. */
  readonly index: number;
  /** Into `Network.nodes`; all must hold. */
  readonly nodes: readonly number[];
  readonly assigns: readonly Assignment[];
  readonly retracts: readonly string[];
  readonly group: string | undefined;
  readonly once: boolean;
  readonly priority: number;
}

/** Rules in the order of the agenda, with who depends on what. */
export interface Network {
  readonly rules: readonly CompiledRule[];
  readonly nodes: readonly Node[];
  readonly initial: readonly Assignment[];
  readonly facts: ReadonlySet<string>;
  /** Per fact: the nodes that read it, and the rules (positions in `rules`) whose conditions do. */
  readonly nodesOf: ReadonlyMap<string, readonly number[]>;
  readonly rulesOf: ReadonlyMap<string, readonly number[]>;
}

/** @throws CoreError 'bad-options': a name twice, an expression that does not parse, a fact asked for (`facts.x`) that nobody sets */
export function compileNetwork(who: string, initial: Readonly<Record<string, Json>>, written: readonly WrittenRule[]): Network {
  checkNames(who, written);
  const started = Object.entries(initial).map(([fact, value]) => assignment(who, `facts.${fact}`, fact, value));
  const nodes: Node[] = [];
  const facts = new Set([...Object.keys(initial), ...written.flatMap(({ then }) => Object.keys(then.fact ?? {}))]);
  const compiled = written.map((rule, index): CompiledRule => {
    const path = `rules.${index}`;
    const sources = typeof rule.when === 'string' ? [rule.when] : rule.when;
    const wheres = typeof rule.when === 'string' ? [`${path}.when`] : sources.map((_, part) => `${path}.when.${part}`);
    const assigns = Object.entries(rule.then.fact ?? {}).map(([fact, value]) => assignment(who, `${path}.then.fact.${fact}`, fact, value));
    const retracts = rule.then.retract === undefined ? [] : [rule.then.retract].flat();
    for (const fact of retracts) checkKnown(who, `${path}.then.retract`, fact, facts);
    for (const { fact, value } of assigns) if (!('constant' in value)) checkReads(who, `${path}.then.fact.${fact}`, value, facts);
    const asked = sources.map((source, part) => nodeOf(who, wheres[part], source, nodes, facts));
    return { name: rule.name, index, nodes: asked, assigns, retracts, group: rule.group, once: rule.once, priority: rule.priority };
  });
  const rules = inOrder(compiled, nodes, facts);
  return { rules, nodes, initial: started, facts, ...dependents(rules, nodes, facts) };
}

function checkNames(who: string, written: readonly WrittenRule[]): void {
  written.forEach(({ name }, index) => {
    const first = written.findIndex((rule) => rule.name === name);
    const path = `rules.${index}.name`;
    if (first < index) {
      throw new CoreError('bad-options', `${who}: ${path}: there is a rule '${name}' already, at rules.${first}`, { path });
    }
  });
}

/** A text is an expression; other JSON is meant as it stands. */
function assignment(who: string, path: string, fact: string, value: Json): Assignment {
  checkFactName(fact, who, path);
  return { fact, value: typeof value === 'string' ? compileExpression(value, who, path) : { constant: value } };
}

function nodeOf(who: string, path: string, source: string, nodes: Node[], facts: ReadonlySet<string>): number {
  const known = nodes.findIndex(({ condition }) => condition.source === source);
  if (known >= 0) return known;
  const condition = compileCondition(source, who, path);
  checkReads(who, path, condition, facts);
  nodes.push({ condition, reads: factsRead(condition, facts) });
  return nodes.length - 1;
}

function checkReads(who: string, path: string, expression: Expression, facts: ReadonlySet<string>): void {
  for (const { name, entry } of expression.reads) if (name === factsName && entry !== undefined) checkKnown(who, path, entry, facts);
}

function checkKnown(who: string, path: string, fact: string, facts: ReadonlySet<string>): void {
  if (facts.has(fact)) return;
  const near = nearestName(fact, facts);
  const known = near === undefined ? `the facts are ${[...facts].join(', ') || '(none)'}` : `did you mean '${near}'?`;
  throw new CoreError('bad-options', `${who}: ${path}: no rule sets the fact '${fact}'; ${known}`, { path });
}

/** The facts that an expression may read: by their bare names, or as `facts.x`. Undefined where it takes `facts` as a whole. */
export function factsRead({ reads }: Expression, facts: ReadonlySet<string>): ReadonlySet<string> | undefined {
  if (reads.some(({ name, entry }) => name === factsName && entry === undefined)) return undefined;
  return new Set(reads.flatMap(({ name, entry }) => (name === factsName ? [entry ?? ''] : facts.has(name) ? [name] : [])));
}

export function factsSet(rule: CompiledRule): readonly string[] {
  return [...rule.assigns.map(({ fact }) => fact), ...rule.retracts];
}

/** By stratum, then priority, then as written. A rule is in a later stratum than the rules that set what it reads, so `!has(facts.x)` means
 *  "nobody set x" and not "not yet". Rules that need each other share a stratum: there only priority orders them.
 *  K. R. Apt, H. A. Blair & A. Walker (1988), Towards a theory of declarative knowledge, doi:10.1016/B978-0-934613-40-8.50006-3. */
function inOrder(rules: readonly CompiledRule[], nodes: readonly Node[], facts: ReadonlySet<string>): CompiledRule[] {
  const readers = readersOf(rules, (rule) => {
    const expressions = rule.assigns.flatMap(({ value }) => ('constant' in value ? [] : [factsRead(value, facts)]));
    return [...rule.nodes.map((node) => nodes[node].reads), ...expressions];
  });
  const edges = rules.map((rule) => [...new Set(factsSet(rule).flatMap((fact) => readers(fact)))]);
  const stratum = new Int32Array(rules.length);
  // Components come with the ones that others feed on first.
  for (const component of components(edges)) {
    const level = Math.max(...component.map((rule) => stratum[rule]));
    for (const rule of component) stratum[rule] = level;
    for (const reader of component.flatMap((rule) => edges[rule])) {
      if (!component.includes(reader)) stratum[reader] = Math.max(stratum[reader], level + 1);
    }
  }
  return rules.toSorted((a, b) => stratum[a.index] - stratum[b.index] || b.priority - a.priority || a.index - b.index);
}

/** Which rules read a fact, by what a rule is said to read. */
export function readersOf(
  rules: readonly CompiledRule[],
  reads: (rule: CompiledRule) => readonly (ReadonlySet<string> | undefined)[],
): (fact: string) => number[] {
  const sets = rules.map(reads);
  return (fact) => sets.flatMap((read, rule) => (read.some((facts) => facts === undefined || facts.has(fact)) ? [rule] : []));
}

function dependents(
  rules: readonly CompiledRule[],
  nodes: readonly Node[],
  facts: ReadonlySet<string>,
): Pick<Network, 'nodesOf' | 'rulesOf'> {
  const readers = readersOf(rules, (rule) => rule.nodes.map((node) => nodes[node].reads));
  const each = <Value>(make: (fact: string) => Value): Map<string, Value> => new Map([...facts].map((fact) => [fact, make(fact)]));
  return {
    nodesOf: each((fact) => nodes.flatMap(({ reads }, node) => (reads === undefined || reads.has(fact) ? [node] : []))),
    rulesOf: each(readers),
  };
}
