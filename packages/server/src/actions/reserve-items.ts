import type { Settings } from '@labelwright/contract/projects';
import type { Order, QuestionView } from '../columns/question-view.ts';
import { viewOf, type Viewed } from '../columns/views.ts';
import type { Context, Member } from '../context.ts';
import { decisions } from '../stores/estimate-codes.ts';
import { type Lease, liveLeases, removeEnded, renewLeases, takeLeases, type Terms } from '../stores/leases.ts';
import { settingsOf } from '../stores/projects.ts';

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

/** Items that another transaction is at, or that are leased meanwhile, are passed over: so some more are looked at than are wanted. */
const spare = 6;
const mostEnded = 200;

/** Reserves items for the caller: first those that are reserved already, then the next ones of the planner. */
export async function reserveItems(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  given: ReserveItems,
): Promise<Reserved> {
  const { db } = context;
  const viewed = await viewOf(context, project, given.question);
  const { view } = viewed;
  const settings = settingsOf(viewed.project);
  const asked = { project, question: view.question.id };
  const terms: Terms = { person: person.id, overlap: settings.overlap, seconds: settings.leaseSeconds };
  const { leases: all, ended } = await liveLeases(db, asked);
  if (ended > mostEnded) await removeEnded(db, asked);
  const except = new Set(given.except);
  const own = all.filter((lease) => lease.person === person.id && !except.has(lease.ordinal) && view.wants(lease.ordinal, person.id));
  const leases = await keep(context, asked, own.slice(0, given.count), terms);
  const wanted = itemsToOffer(view, settings, given, person.id, all);
  while (leases.length < given.count) {
    const missing = given.count - leases.length;
    const next = take(wanted, missing + spare);
    if (next.length === 0) break;
    leases.push(...(await takeLeases(db, asked, next, missing, terms)));
  }
  const answered = given.except.filter((ordinal) => view.wants(ordinal, person.id)).length;
  return { ...viewed, leases, waiting: view.countWanted(person.id) - answered };
}

/** A lease that would end before long is renewed: the person is here. */
async function keep(
  { db, clock }: Context,
  asked: Parameters<typeof renewLeases>[1],
  own: readonly Lease[],
  terms: Terms,
): Promise<Lease[]> {
  const soon = clock() + (terms.seconds * 1_000 * 2) / 3;
  if (own.every(({ until }) => until.getTime() > soon)) return [...own];
  const ordinals = own.map(({ ordinal }) => ordinal);
  const renewed = new Map((await renewLeases(db, asked, ordinals, terms)).map((lease) => [lease.ordinal, lease]));
  return ordinals.flatMap((ordinal) => renewed.get(ordinal) ?? []);
}

function* itemsToOffer(
  view: QuestionView,
  settings: Settings,
  { order = settings.planner, except }: ReserveItems,
  person: number,
  leases: readonly Lease[],
): Generator<{ ordinal: number; reason: string }> {
  const taken = new Map<number, number>();
  for (const { ordinal } of leases) taken.set(ordinal, (taken.get(ordinal) ?? 0) + 1);
  const own = new Set([...except, ...leases.filter((lease) => lease.person === person).map(({ ordinal }) => ordinal)]);
  for (const ordinal of view.openItems(order)) {
    if (own.has(ordinal) || !view.wants(ordinal, person)) continue;
    if (view.people.answered[ordinal] + (taken.get(ordinal) ?? 0) >= view.overlap) continue;
    yield { ordinal, reason: reasonFor(view, settings.blind ? 'blind' : order, ordinal) };
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
