import { CoreError } from '@labelwright/core/model/errors';
import type { JsonObject } from '@labelwright/core/model/json';
import type { Context, Db, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { once } from '../stores/actions.ts';
import { forgetFindings } from '../stores/audits.ts';
import { overfilledItem, ownStanding, restorePresent, retractAnswers, type Target, targetsOf } from '../stores/answers.ts';
import { advanceItems, type Asked, lockItems, recount } from '../stores/item-states.ts';
import { addLeases } from '../stores/leases.ts';
import { findProject, settingsOf } from '../stores/projects.ts';

export interface Undone {
  readonly retracted: number;
  readonly version: number | null;
  readonly versions?: { question: string; version: number }[];
}

/** Takes back one's own answer, all answers to one item that were given together, or all of a bulk action. All stay in the history; what the person had
 *  said before holds again.
 *  @throws CoreError 'not-found'; 'conflict' where others took the place of what was said before */
export async function undoAnswer(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  { undoes, action }: { readonly undoes: string; readonly action: string },
): Promise<Undone> {
  const { db, events } = context;
  const row = await findProject(db, project);
  if (!row) throw notFound('project');
  const { overlap, leaseSeconds } = settingsOf(row);
  const { result } = await once(
    db,
    { action, person: person.id, project, kind: 'undo' },
    async (transaction): Promise<Undone & JsonObject> => {
      const seen = await targetsOf(transaction, project, person.id, undoes);
      if (!seen) throw notFound('answer');
      if (seen.length === 0) return { retracted: 0, version: null };
      for (const asked of questionsOf(seen)) await lockItems(transaction, asked, ordinalsOf(seen, asked));
      // Another undo of the same may have come between.
      const targets = (await targetsOf(transaction, project, person.id, undoes)) ?? [];
      const actions = targets.map((target) => target.action);
      if (await forgetFindings(transaction, actions)) {
        const text = 'An audit has been concluded from this answer: it stays. To correct the label, answer the item again';
        throw new CoreError('conflict', text);
      }
      for (const asked of questionsOf(targets)) {
        const own = targets.filter(({ question }) => question === asked.question);
        await retract(transaction, asked, own, { person: person.id, action, isOne: targets.length === 1 });
      }
      const items = new Set(targets.map(({ ordinal }) => ordinal));
      if (items.size !== 1) {
        await events.publish(transaction, project, { kind: 'project' });
        return { retracted: targets.length, version: null };
      }
      const [{ ordinal }] = targets;
      const main = targets.find((target) => target.action === undoes) ?? targets[0];
      const given = { person: person.id, overlap, seconds: leaseSeconds };
      await addLeases(transaction, main, [{ ordinal, reason: 'taken back' }], given);
      await events.publish(transaction, project, { kind: 'answer', ordinal, person: person.id });
      const versions = [];
      for (const asked of questionsOf(targets))
        versions.push({ question: asked.question, version: (await ownStanding(transaction, asked, ordinal, person.id)).version });
      if (versions.length === 1) return { retracted: targets.length, version: versions[0].version };
      return { retracted: targets.length, version: versions.find(({ question }) => question === main.question)?.version ?? null, versions };
    },
  );
  return result;
}

async function retract(
  db: Db,
  asked: Asked,
  targets: readonly Target[],
  by: { readonly person: number; readonly action: string; readonly isOne: boolean },
): Promise<void> {
  const ordinals = targets.map(({ ordinal }) => ordinal);
  await advanceItems(db, asked, ordinals);
  await retractAnswers(db, asked, targets, by);
  const restored = await restorePresent(db, asked, ordinals, by.person);
  const full = restored > 0 ? await overfilledItem(db, asked, ordinals) : undefined;
  if (full !== undefined)
    throw new CoreError('conflict', 'Others answered meanwhile what you had answered before: it cannot be brought back', { ordinal: full });
  await recount(db, asked, ordinals);
}

/** In one order everywhere: two actions on several questions at once wait for each other, not for ever. */
function questionsOf(targets: readonly Target[]): Asked[] {
  const questions = [...new Set(targets.map(({ question }) => question))].sort();
  return questions.map((question) => ({ project: targets[0].project, question }));
}

function ordinalsOf(targets: readonly Target[], { question }: Asked): number[] {
  return targets.filter((target) => target.question === question).map(({ ordinal }) => ordinal);
}
