import type { Pool } from 'pg';
import type { Settings } from '@labelwright/contract/projects';
import type { Order, QuestionView } from '../columns/question-view.ts';
import { viewOf, type Viewed } from '../columns/views.ts';
import type { Context, Member } from '../context.ts';
import { decisions } from '../stores/estimate-codes.ts';
import { type Lease, liveLeases, removeEnded, renewLeases, takeLeases, type Terms, type Wanted } from '../stores/leases.ts';
import { settingsOf } from '../stores/projects.ts';
import { Rounds } from './rounds.ts';

export interface ReserveItems {
  readonly question?: string | undefined;
  readonly count: number;
  readonly order?: Order | undefined;
  /** Answered already, but not sent yet. */
  readonly except: readonly number[];
}

export interface Reserved extends Viewed {
  readonly leases: readonly Lease[];
  /** Items that still want an answer of the caller. */
  readonly waiting: number;
}

const mostEnded = 200;
const mostInARound = 32;

interface Call {
  readonly person: number;
  readonly given: ReserveItems;
}

const perPool = new WeakMap<Pool, Map<string, Rounds<Call, Reserved>>>();

/** Reserves items for the caller: first those that are reserved already, then the next ones of the planner. Callers who come at the same time are
 *  dealt with together: each on their own, they would all reach for the same items. */
export async function reserveItems(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  given: ReserveItems,
): Promise<Reserved> {
  const all = perPool.get(context.pool) ?? new Map<string, Rounds<Call, Reserved>>();
  perPool.set(context.pool, all);
  const key = JSON.stringify([project, given.question]);
  // Whoever asks twice at once is to get the same items twice.
  const mayShare = (call: Call, round: readonly Call[]) =>
    round.length < mostInARound && round.every((each) => each.person !== call.person);
  const rounds = all.get(key) ?? new Rounds<Call, Reserved>((calls) => reserveFor(context, project, given.question, calls), mayShare);
  all.set(key, rounds);
  try {
    return await rounds.join({ person: person.id, given });
  } finally {
    if (rounds.isIdle) all.delete(key);
  }
}

/** What a caller has got so far. */
interface Desk {
  readonly call: Call;
  readonly leases: Lease[];
  readonly offers: Generator<Wanted>;
}

async function reserveFor(
  context: Context,
  project: number,
  question: string | undefined,
  calls: readonly Call[],
): Promise<readonly Reserved[]> {
  const { db } = context;
  const viewed = await viewOf(context, project, question);
  const { view } = viewed;
  const settings = settingsOf(viewed.project);
  const asked = { project, question: view.question.id };
  const terms: Terms = { overlap: settings.overlap, seconds: settings.leaseSeconds };
  const { leases: all, ended } = await liveLeases(db, asked);
  if (ended > mostEnded) await removeEnded(db, asked);
  const held = holdersOf(all);
  const desks: Desk[] = [];
  for (const call of calls) {
    const { person, given } = call;
    const except = new Set(given.except);
    const own = all.filter((lease) => lease.person === person && !except.has(lease.ordinal) && view.wants(lease.ordinal, person));
    const leases = await keep(context, asked, own.slice(0, given.count), { person, seconds: terms.seconds });
    desks.push({ call, leases, offers: itemsToOffer(view, settings, call, held) });
  }
  for (;;) {
    const wanted = desks.flatMap(({ call, leases, offers }) => take(offers, call.given.count - leases.length));
    if (wanted.length === 0) break;
    const taken = await takeLeases(db, asked, wanted, terms);
    for (const { call, leases } of desks) leases.push(...taken.filter(({ person }) => person === call.person));
  }
  return desks.map(({ call: { person, given }, leases }) => {
    const answered = given.except.filter((ordinal) => view.wants(ordinal, person)).length;
    return { ...viewed, leases, waiting: view.countWanted(person) - answered };
  });
}

function holdersOf(leases: readonly Lease[]): Map<number, Set<number>> {
  const held = new Map<number, Set<number>>();
  for (const { ordinal, person } of leases) hold(held, ordinal, person);
  return held;
}

function hold(held: Map<number, Set<number>>, ordinal: number, person: number): void {
  const people = held.get(ordinal);
  if (people) people.add(person);
  else held.set(ordinal, new Set([person]));
}

/** A lease that would end before long is renewed: the person is here. */
async function keep(
  { db, clock }: Context,
  asked: Parameters<typeof renewLeases>[1],
  own: readonly Lease[],
  terms: { readonly person: number; readonly seconds: number },
): Promise<Lease[]> {
  const soon = clock() + (terms.seconds * 1_000 * 2) / 3;
  if (own.every(({ until }) => until.getTime() > soon)) return [...own];
  const ordinals = own.map(({ ordinal }) => ordinal);
  const renewed = new Map((await renewLeases(db, asked, ordinals, terms)).map((lease) => [lease.ordinal, lease]));
  return ordinals.flatMap((ordinal) => renewed.get(ordinal) ?? []);
}

/** @param held by whom, those offered so far included */
function* itemsToOffer(
  view: QuestionView,
  settings: Settings,
  { person, given: { order = settings.planner, except } }: Call,
  held: Map<number, Set<number>>,
): Generator<Wanted> {
  const unwanted = new Set(except);
  for (const ordinal of view.openItems(order)) {
    const people = held.get(ordinal);
    if (unwanted.has(ordinal) || people?.has(person) || !view.wants(ordinal, person)) continue;
    if (view.people.answered[ordinal] + (people?.size ?? 0) >= view.overlap) continue;
    hold(held, ordinal, person);
    yield { ordinal, person, reason: reasonFor(view, settings.blind ? 'blind' : order, ordinal) };
  }
}

/** Why this one next. */
function reasonFor(view: QuestionView, order: Order | 'blind', ordinal: number): string {
  const { machine } = view;
  if (order === 'random') return 'random order';
  if (order !== 'uncertainty' || !machine || !view.hasEstimate(ordinal)) return 'next in order';
  const margin = `margin ${machine.margin[ordinal].toFixed(2)}`;
  if (decisions[machine.decision[ordinal]] === 'no-votes') return `no votes yet: ${margin}`;
  return `${machine.disagreement[ordinal] ? 'labelers disagree' : 'uncertain'}: ${margin}`;
}

function take<Value>(from: Generator<Value>, most: number): Value[] {
  const taken: Value[] = [];
  while (taken.length < most) {
    const { value, done } = from.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}
