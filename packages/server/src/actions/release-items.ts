import type { Context, Member } from '../context.ts';
import { removeLeases } from '../stores/leases.ts';

/** Gives reserved items back. */
export async function releaseItems(
  { db }: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  ordinals: readonly number[],
): Promise<void> {
  await removeLeases(db, project, person.id, ordinals);
}
