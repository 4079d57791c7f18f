import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { once } from '../stores/actions.ts';
import { itemExists } from '../stores/item-records.ts';

/** A remark on an item, once. */
export async function addComment(
  { db }: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  ordinal: number,
  { action, text }: { readonly action: string; readonly text: string },
): Promise<{ id: number }> {
  const { result } = await once(db, { action, person: person.id, project, kind: 'comment' }, async (transaction) => {
    if (!(await itemExists(transaction, project, ordinal))) throw notFound('item');
    return transaction
      .insertInto('comments')
      .values({ project_id: project, ordinal, person_id: person.id, action, text })
      .returning('id')
      .executeTakeFirstOrThrow();
  });
  return result;
}
