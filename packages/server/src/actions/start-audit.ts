import { randomInt } from 'node:crypto';
import { drawAudit } from '@labelwright/core/audits/audit-sample';
import { createRandom } from '@labelwright/core/math/random';
import { CoreError } from '@labelwright/core/model/errors';
import { acceptedPool, type AuditTerms, looksBefore, whyBlocked } from '../audit-plan.ts';
import { viewOf } from '../columns/views.ts';
import type { Context, Db, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import {
  addAudit,
  addToSample,
  auditsOnLabels,
  endAudit,
  findAudit,
  findingsOf,
  lockAudit,
  poolOf,
  type AuditRow,
} from '../stores/audits.ts';
import { audit } from '../stores/audit.ts';
import { madeItems } from '../stores/item-records.ts';
import { lockProject, settingsOf } from '../stores/projects.ts';
import { runUnderWay } from '../stores/runs.ts';

export interface StartAudit extends AuditTerms {
  readonly question?: string | undefined;
  readonly size: number;
}

/** Draws a uniform random sample of the accepted labels of the present run, which are frozen with it.
 *  @throws CoreError 'conflict' where none can be drawn now; 'bad-request' where it is larger than the pool */
export async function startAudit(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  { question: id, size, ...terms }: StartAudit,
): Promise<AuditRow> {
  const { db, events } = context;
  const viewed = await viewOf(context, project, id);
  const question = viewed.view.question.id;
  return db.transaction().execute(async (transaction) => {
    const row = await lockProject(transaction, project);
    if (!row) throw notFound('project');
    const { machine } = viewed.view;
    if (row.current_run === null || machine?.run !== row.current_run)
      throw new CoreError('conflict', 'There is no run to audit, or another one has just come: look again');
    const run = row.current_run;
    const asked = { project, question };
    const before = await auditsOnLabels(transaction, asked, run);
    const pool = acceptedPool(viewed.view, await madeItems(transaction, project));
    const blocked = whyBlocked(pool, before, (await runUnderWay(transaction, project)) !== undefined);
    if (blocked !== null) throw new CoreError('conflict', blocked);
    if (terms.plannedLooks !== undefined && looksBefore(before) > 0)
      throw new CoreError('conflict', 'These labels have been looked at already: looks cannot be planned any more');
    checkSize(size, pool.ordinals.length);
    const settings = settingsOf(row);
    const { targetError = settings.targetError, confidence = settings.confidence, plannedLooks = null } = terms;
    const seed = randomInt(2 ** 31 - 1);
    const made = await addAudit(transaction, {
      ...asked,
      run,
      person: person.id,
      targetError,
      confidence,
      plannedLooks,
      looksBefore: looksBefore(before),
      seed,
      pool,
    });
    await draw(transaction, { id: made, drawn: 0, run, question, seed }, pool.ordinals, size);
    await events.publish(transaction, project, { kind: 'audit', audit: made, state: 'open', answered: 0 });
    await audit(transaction, {
      action: 'audit.start',
      person: person.id,
      project,
      details: { audit: made, question, run, pool: pool.ordinals.length, size, targetError, confidence, plannedLooks, seed },
    });
    return found(transaction, project, made);
  });
}

/** More items into the sample of an audit that proved nothing: the next look is at the whole of it, and spends a further part of the risk.
 *  @throws CoreError 'conflict' where the audit cannot go on */
export async function extendAudit(
  { db, events }: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  id: number,
  size: number,
): Promise<AuditRow> {
  return db.transaction().execute(async (transaction) => {
    await lockProject(transaction, project);
    await lockAudit(transaction, id);
    const row = await findAudit(transaction, project, id);
    if (!row) throw notFound('audit');
    if (row.state !== 'not-certified')
      throw new CoreError('conflict', `This audit is ${row.state}: only one that proved nothing yet goes on`);
    if (row.planned_looks !== null) throw new CoreError('conflict', 'The looks that were planned for this audit are used up');
    const { ordinals } = await poolOf(transaction, id);
    const drawn = new Set((await findingsOf(transaction, id, row.drawn)).map(({ ordinal }) => ordinal));
    const rest = ordinals.filter((ordinal) => !drawn.has(ordinal));
    checkSize(size, rest.length);
    await draw(transaction, { ...row, run: row.held_run }, rest, size);
    await events.publish(transaction, project, { kind: 'audit', audit: id, state: 'open', answered: row.answered });
    await audit(transaction, { action: 'audit.extend', person: person.id, project, details: { audit: id, size } });
    return found(transaction, project, id);
  });
}

/** Ends an audit: what people answered stays an answer, and nothing is looked at. */
export async function cancelAudit(
  { db, events }: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  id: number,
): Promise<AuditRow> {
  return db.transaction().execute(async (transaction) => {
    await lockAudit(transaction, id);
    const row = await findAudit(transaction, project, id);
    if (!row) throw notFound('audit');
    if (row.state !== 'open') throw new CoreError('conflict', `This audit is not open: it is ${row.state}`);
    await endAudit(transaction, id, 'cancelled', null);
    await events.publish(transaction, project, { kind: 'audit', audit: id, state: 'cancelled', answered: row.answered });
    await audit(transaction, { action: 'audit.cancel', person: person.id, project, details: { audit: id, answered: row.answered } });
    return found(transaction, project, id);
  });
}

function checkSize(size: number, most: number): void {
  if (size <= most) return;
  throw new CoreError(
    'bad-request',
    `There are ${most.toLocaleString('en')} labels to draw from, ${size.toLocaleString('en')} are wanted`,
    {
      path: 'size',
      most,
    },
  );
}

type Drawn = Parameters<typeof addToSample>[1] & { readonly seed: number };

/** Every set of that size is as likely as any other, and so is every order: whatever the first places show is a sample too. */
async function draw(db: Db, into: Drawn, from: Int32Array, size: number): Promise<void> {
  const random = createRandom(into.seed).fork(`from place ${into.drawn}`);
  const ordinals = random.shuffle([...drawAudit(from.length, size, random)].map((at) => from[at]));
  await addToSample(db, into, ordinals);
}

async function found(db: Db, project: number, id: number): Promise<AuditRow> {
  const row = await findAudit(db, project, id);
  if (!row) throw notFound('audit');
  return row;
}
