import { CoreError } from '@labelwright/core/model/errors';
import type { Pool } from 'pg';
import type { Context } from '../context.ts';
import { columnOf, labelerOfRun, ordinalsOfPerson, personNamed } from '../stores/evidence.ts';
import { OrdinalSet } from './ordinal-set.ts';
import { Recent } from './recent.ts';
import type { Viewed } from './views.ts';

const perPool = new WeakMap<Pool, Recent<OrdinalSet>>();

/** The items that a labeler voted on, or a person answered, with this label or any. @throws CoreError 'bad-request' for a name that nobody has */
export async function votedSet(
  context: Context,
  { project, view }: Viewed,
  { labeler: name, label }: { readonly labeler: string; readonly label?: string | undefined },
): Promise<OrdinalSet> {
  const { db, pool } = context;
  const run = view.machine?.run;
  const asked = { project: project.id, question: view.question.id };
  const labeler = run === undefined ? undefined : await labelerOfRun(db, run, asked.question, name);
  if (labeler) {
    const recent = perPool.get(pool) ?? new Recent<OrdinalSet>(30);
    perPool.set(pool, recent);
    const key = JSON.stringify([run, labeler, label, view.n]);
    const set = recent.get(key) ?? (await readColumn(context, labeler, label, view.n));
    recent.set(key, set);
    return set;
  }
  const person = await personNamed(db, project.id, name);
  if (person === undefined)
    throw new CoreError('bad-request', `filter.voted: no labeler of the last run and no person is called '${name}'`);
  return OrdinalSet.of(view.n, await ordinalsOfPerson(db, asked, person, label));
}

async function readColumn(
  { db }: Context,
  labeler: { readonly id: number; readonly version: number },
  label: string | undefined,
  n: number,
): Promise<OrdinalSet> {
  const set = new OrdinalSet(n);
  for await (const { first, codes, answers } of columnOf(db, labeler)) {
    const isWanted = answers.map((labels) => label === undefined || labels.includes(label));
    for (let i = 0; i < codes.length; i++) if (codes[i] >= 2 && isWanted[codes[i] - 2]) set.add(first + i);
  }
  return set;
}
