import { describeReadings } from '../expressions/evidence.ts';
import { ExpressionFault } from '../expressions/expression.ts';
import { checkFactSize } from '../expressions/facts.ts';
import { describeValue } from '../expressions/functions.ts';
import { Scope, type ScopeSources } from '../expressions/scope.ts';
import { reasonOf } from '../model/errors.ts';
import { type Assignment, type CompiledRule, factsSet, type Network } from './rule-network.ts';

/** One firing, for people. */
export interface Firing {
  readonly rule: CompiledRule;
  /** What its conditions saw. */
  readonly saw: string;
  /** What it changed: "risk = 2", "risk retracted". */
  readonly changes: readonly string[];
}

const unknown = 0;
const yes = 1;
const no = 2;

/** Fires rules on one item until none is left to fire, and reports each as it fires.
 *
 *  The agenda is the list of rules in order; a mark says which are to be looked at. The first marked rule is looked at; where its conditions hold it
 *  fires, and the facts that it changes mark the rules that read them: refraction, a rule fires again only for a new state of its facts. A condition
 *  keeps its value until a fact that it reads changes. This is what Rete's alpha network comes to where there is one item and a fact is one
 *  value; its joins, of facts among themselves, have nothing to do here.
 *  C. L. Forgy (1982), Rete, Artificial Intelligence 19(1), doi:10.1016/0004-3702(82)90020-0.
 *
 *  @throws ExpressionFault naming the rule that has no value, or the rules that never come to an end */
export class Run {
  private readonly network: Network;
  private readonly mostFirings: number;
  private readonly marked: Uint8Array;
  private readonly spent: Uint8Array;
  private readonly values: Uint8Array;

  constructor(network: Network, mostFirings: number) {
    this.network = network;
    this.mostFirings = mostFirings;
    this.marked = new Uint8Array(network.rules.length);
    this.spent = new Uint8Array(network.rules.length);
    this.values = new Uint8Array(network.nodes.length);
  }

  /** Calls `fired` for every firing; with `explain` also what it saw and changed. */
  on(sources: Pick<ScopeSources, 'fields' | 'text'>, fired: (rule: CompiledRule) => void, explain?: (firing: Firing) => void): void {
    const { rules, facts: names, initial } = this.network;
    const facts = new Map<string, unknown>();
    const scope = new Scope({ ...sources, facts, fact: (name) => (names.has(name) ? facts.get(name) : undefined) });
    this.marked.fill(1);
    this.spent.fill(0);
    this.values.fill(unknown);
    for (const start of initial) facts.set(start.fact, valueOf(start, scope, 'facts'));

    const history: number[] = [];
    for (let at = 0; at < rules.length; at++) {
      if (this.marked[at] === 0) continue;
      this.marked[at] = 0;
      const rule = rules[at];
      if (!this.holds(rule, scope)) continue;
      if (history.length === this.mostFirings) throw new ExpressionFault(this.describeLoop(history));
      history.push(at);
      const saw = explain ? this.describeConditions(rule, scope) : '';
      const changed = change(rule, scope, facts);
      fired(rule);
      explain?.({ rule, saw, changes: changed.map((fact) => describeFact(fact, facts)) });
      this.spend(at, rule);
      const first = this.mark(changed);
      if (first <= at) at = first - 1;
    }
  }

  private holds(rule: CompiledRule, scope: Scope): boolean {
    for (const node of rule.nodes) {
      if (this.values[node] === unknown) this.values[node] = this.ask(rule, node, scope) ? yes : no;
      if (this.values[node] === no) return false;
    }
    return true;
  }

  /** A rule that reads a fact which nobody has set is not about this item. */
  private ask(rule: CompiledRule, node: number, scope: Scope): boolean {
    const { condition } = this.network.nodes[node];
    try {
      return condition.holds(scope);
    } catch (error) {
      if (error instanceof ExpressionFault && error.missing !== undefined && this.network.facts.has(error.missing)) return false;
      throw new ExpressionFault(`rule '${rule.name}' (${condition.source}): ${reasonOf(error)}`);
    }
  }

  /** One rule of a group fires, once. */
  private spend(at: number, rule: CompiledRule): void {
    if (rule.once) this.spent[at] = 1;
    if (rule.group === undefined) return;
    this.network.rules.forEach(({ group }, other) => {
      if (group !== rule.group) return;
      this.spent[other] = 1;
      this.marked[other] = 0;
    });
  }

  /** Returns the first rule that is to be looked at again. */
  private mark(changed: readonly string[]): number {
    let first = this.network.rules.length;
    for (const fact of changed) {
      for (const node of this.network.nodesOf.get(fact) ?? []) this.values[node] = unknown;
      for (const rule of this.network.rulesOf.get(fact) ?? []) {
        if (this.spent[rule] === 1) continue;
        this.marked[rule] = 1;
        first = Math.min(first, rule);
      }
    }
    return first;
  }

  private describeConditions(rule: CompiledRule, scope: Scope): string {
    return describeReadings(
      rule.nodes.flatMap((node) => this.network.nodes[node].condition.reads),
      scope,
    );
  }

  private describeLoop(history: readonly number[]): string {
    const cycle = history.slice(-periodOf(history)).map((at) => this.network.rules[at]);
    const names = [...cycle, cycle[0]].map(({ name }) => `'${name}'`).join(' → ');
    const read = (fact: string): boolean => (this.network.rulesOf.get(fact) ?? []).some((at) => cycle.includes(this.network.rules[at]));
    const changed = [...new Set(cycle.flatMap(factsSet))].filter(read).map((fact) => `'${fact}'`);
    const what = `${changed.length === 1 ? 'fact' : 'facts'} ${changed.join(', ')}`;
    return `${cycle.length === 1 ? 'rule' : 'rules'} ${names} ${cycle.length === 1 ? 'keeps' : 'keep'} changing ${what} (stopped after ${this.mostFirings.toLocaleString('en-US')} firings)`;
  }
}

/** How many firings the last repetition has; all that differ among the last where there is no plain one. */
function periodOf(history: readonly number[]): number {
  const repeats = (period: number): boolean => {
    for (let back = 1; back <= period; back++) if (history.at(-back) !== history.at(-back - period)) return false;
    return true;
  };
  for (let period = 1; period * 2 <= history.length; period++) if (repeats(period)) return period;
  return Math.min(history.length, 20);
}

/** All values are computed before the first is set. Returns the facts that are different now. */
function change(rule: CompiledRule, scope: Scope, facts: Map<string, unknown>): string[] {
  const values = rule.assigns.map((assignment) => valueOf(assignment, scope, `rule '${rule.name}'`));
  const changed: string[] = [];
  rule.assigns.forEach(({ fact }, index) => {
    if (isSame(facts.get(fact), values[index])) return;
    facts.set(fact, values[index]);
    changed.push(fact);
  });
  for (const fact of rule.retracts) if (facts.delete(fact)) changed.push(fact);
  return changed;
}

function valueOf({ fact, value }: Assignment, scope: Scope, who: string): unknown {
  if ('constant' in value) return value.constant;
  try {
    return checkFactSize(fact, value.evaluate(scope));
  } catch (error) {
    throw new ExpressionFault(`${who}, fact '${fact}' (${value.source}): ${reasonOf(error)}`);
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return canonical(a) === canonical(b);
}

function canonical(value: object): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    return part instanceof Map ? Object.fromEntries(part) : part;
  });
}

function describeFact(fact: string, facts: ReadonlyMap<string, unknown>): string {
  return facts.has(fact) ? `${fact} = ${describeValue(facts.get(fact))}` : `${fact} retracted`;
}
