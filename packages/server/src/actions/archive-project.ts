import type { Context, Member } from '../context.ts';
import { audit } from '../stores/audit.ts';
import { setArchived } from '../stores/projects.ts';

/** Out of sight, or back. */
export async function archiveProject({ db, events }: Context, { person }: Member, id: number, archived: boolean): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await setArchived(transaction, id, archived);
    await events.publish(transaction, id, { kind: 'project' });
    await audit(transaction, { action: archived ? 'project.archive' : 'project.restore', person: person.id, project: id });
  });
}
