import type { Matrix } from '../math/matrix.ts';
import type { Random } from '../math/random.ts';
import type { ItemId, LabelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import type { AnyPlanner } from '../planners/planner.ts';
import { createJudge } from './item-judge.ts';
import { type Ask, type Routed, routeToPeople } from './route-to-people.ts';

export interface SimulationTask {
  readonly items: readonly ItemId[];
  readonly labels: readonly LabelId[];
  /** n: the label that people would give. */
  readonly gold: Int32Array;
  readonly features?: Matrix | undefined;
  /** What models said of the same items, by the same labels. */
  readonly votes?: VoteTable | undefined;
  readonly planner: AnyPlanner;
  readonly budget?: number | undefined;
  readonly targetError: number;
  readonly confidence: number;
  readonly random: Random;
}

/** Plain JSON. */
export interface SimulationReport {
  readonly items: number;
  readonly peopleVotes: number;
  /** Machine labels that nobody checked and that the certificate covers. */
  readonly accepted: number;
  /** Items that a budget left without a final label. */
  readonly undecided: number;
  /** Share of the items that no person labeled. */
  readonly saved: number;
  /** Of all final labels, people's included; 0 where there are none. */
  readonly realisedError: number;
  /** With the stated confidence at most this share of the final labels is wrong; null where nothing was proven. */
  readonly certifiedError: number | null;
  readonly targetError: number;
  readonly confidence: number;
  readonly curve: readonly CurvePoint[];
  readonly planner: string;
  /** How the machine's labels were made in the end: `votes`, `classifier`, `blend` … */
  readonly method: string;
  /** Labels by people to learn from, to check machine labels, and of what was left. */
  readonly asked: Readonly<Record<Ask['why'], number>>;
  readonly certificate: {
    readonly checkChance: number;
    readonly checks: number;
    readonly found: number;
    readonly tolerated: number | null;
    readonly allowed: number;
  };
  readonly notes: readonly string[];
}

export interface CurvePoint {
  readonly peopleVotes: number;
  /** Share of all items whose label is right: people's, accepted ones, and for the others what the machine would say. */
  readonly accuracy: number;
}

/** The whole loop with gold playing the people. */
export function simulate(task: SimulationTask): { report: SimulationReport; routed: Routed } {
  const { items, labels, gold, features, votes, planner, budget, targetError, confidence, random } = task;
  const judge = createJudge({ items, labels: labels.length, features, votes, random });
  const loop = routeToPeople({ items, labels, judge, planner, targetError, risk: 1 - confidence, budget, random });
  const asked: Record<Ask['why'], number> = { start: 0, learn: 0, check: 0, rest: 0 };
  const curve: CurvePoint[] = [];
  let peopleVotes = 0;
  let step = loop.next();
  while (!step.done) {
    const { items: wanted, why, judgement, state } = step.value;
    if (judgement) curve.push({ peopleVotes, accuracy: accuracyOf(gold, state, judgement.label) });
    asked[why] += wanted.length;
    peopleVotes += wanted.length;
    step = loop.next(Int32Array.from(wanted, (item) => gold[item]));
  }
  const routed = step.value;
  curve.push({ peopleVotes, accuracy: accuracyOf(gold, routed, routed.judgement?.label) });
  return { report: reportOf(task, routed, asked, curve), routed };
}

function reportOf(task: SimulationTask, routed: Routed, asked: Record<Ask['why'], number>, curve: CurvePoint[]): SimulationReport {
  const { gold, targetError, confidence, planner, budget } = task;
  const n = gold.length;
  const { by, label, coin, found, checks, allowed } = routed;
  const count = { people: 0, machine: 0, wrong: 0 };
  for (let i = 0; i < n; i++) {
    if (by[i] === 1) count.people++;
    if (by[i] === 2) count.machine++;
    if (by[i] !== 0 && label[i] !== gold[i]) count.wrong++;
  }
  const final = count.people + count.machine;
  const notes: string[] = [];
  if (count.machine === 0 && count.people < n) {
    notes.push(`a budget of ${budget ?? 0} is too small for any certificate: no label was accepted beyond those of people`);
  } else if (count.machine === 0 && n > 0) notes.push('nothing could be certified: people labeled every item');
  return {
    items: n,
    peopleVotes: count.people,
    accepted: count.machine,
    undecided: n - final,
    saved: n === 0 ? 0 : (n - count.people) / n,
    realisedError: final === 0 ? 0 : count.wrong / final,
    certifiedError: count.machine > 0 ? Math.min(1, allowed / final) : final > 0 ? 0 : null,
    targetError,
    confidence,
    curve,
    planner: planner.name,
    method: routed.judgement?.method ?? 'people',
    asked,
    certificate: {
      checkChance: coin.chance,
      checks,
      found,
      tolerated: Number.isFinite(coin.tolerated) ? coin.tolerated : null,
      allowed,
    },
    notes,
  };
}

function accuracyOf(gold: Int32Array, { by, label }: Pick<Routed, 'by' | 'label'>, machine: Int32Array | undefined): number {
  let right = 0;
  for (let i = 0; i < gold.length; i++) if ((by[i] === 0 ? machine?.[i] : label[i]) === gold[i]) right++;
  return gold.length === 0 ? 1 : right / gold.length;
}
