import { CoreError } from '@labelwright/core/model/errors';
import type { JsonObject } from '@labelwright/core/model/json';
import type { Db } from '../context.ts';

/** What makes two calls the same action. */
export interface ActionKey {
  /** Made by the client. */
  readonly action: string;
  readonly person: number;
  readonly project: number;
  readonly kind: 'submit' | 'undo' | 'bulk' | 'comment' | 'review';
}

export interface Done<Result> {
  readonly result: Result;
  /** It was done before: this is what was answered then. */
  readonly replayed: boolean;
}

/** One transaction, once per action, however often and from wherever it is called: what comes second waits for the first and gets its result.
 *  What fails has not happened and may be tried again. @throws CoreError 'conflict' where another action has this id */
export function once<Result extends JsonObject>(
  db: Db,
  { action, person, project, kind }: ActionKey,
  act: (transaction: Db) => Promise<Result>,
): Promise<Done<Result>> {
  return db.transaction().execute(async (transaction) => {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('actions')
      .values({ action, person_id: person, project_id: project, kind, result: '{}' })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 0n) {
      const before = await transaction.selectFrom('actions').selectAll().where('action', '=', action).executeTakeFirstOrThrow();
      const isSame = before.person_id === person && before.project_id === project && before.kind === kind;
      if (!isSame) throw new CoreError('conflict', 'Another action has this id: give each action an id of its own');
      return { result: before.result as unknown as Result, replayed: true };
    }
    const result = await act(transaction);
    await transaction
      .updateTable('actions')
      .set({ result: JSON.stringify(result) })
      .where('action', '=', action)
      .execute();
    return { result, replayed: false };
  });
}
