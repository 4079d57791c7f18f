import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Settings, settings as settingsSchema } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import type { Entry } from '@labelwright/core/formats/format';
import { refuseFatal } from '@labelwright/core/model/problem';
import { openDataFile } from '@labelwright/engine/files/data-file';
import { loadProject } from '@labelwright/engine/project/load-project';
import type { Project } from '@labelwright/engine/project/project';
import type { Context } from '../context.ts';
import { audit } from '../stores/audit.ts';
import { appendItems, tidySearch, tryLockItems } from '../stores/imported-items.ts';
import { addImport } from '../stores/imports.ts';
import { addLabeler } from '../stores/labelers.ts';
import { setRole } from '../stores/members.ts';
import { addProject } from '../stores/projects.ts';
import { findSample, hasProjects, lockSample, type SampleState, saveSample } from '../stores/samples.ts';
import { startRun } from './start-run.ts';

/** Of a checkout; what is installed otherwise comes without it. */
export const samplePath = fileURLToPath(new URL('../../../../samples/spam-assassin/project.yaml', import.meta.url));
const metadataFields = ['fromDomain', 'date'];
const batchItems = 1000;

/** Whether this database is one to put the sample into: nothing is in it, and never was it. */
export async function wantsSample({ db }: Pick<Context, 'db'>, path = samplePath): Promise<boolean> {
  if (!existsSync(path)) return false;
  const known = await findSample(db);
  return known ? known.state === 'creating' : !(await hasProjects(db));
}

/** "Mail: spam or ham": so that whoever starts Labelwright for the first time sees it at work. May be killed anywhere and begun again.
 *  @returns the project, or undefined where there is nothing to do */
export async function createSampleProject(context: Context, signal: AbortSignal, path = samplePath): Promise<number | undefined> {
  if (!(await wantsSample(context, path))) return undefined;
  const sample = await loadProject(path);
  const begun = await begin(context, sample);
  if (!begun) return undefined;
  const { state, person } = begun;
  await addItems(context, sample, state, signal);
  if (!(await finish(context, sample, state, person))) return undefined;
  await startRun(context, { person: { id: person } }, state.project);
  await tidySearch(context.db);
  return state.project;
}

type Begun = Required<SampleState>;

/** For whoever came first; nobody yet: it can wait for the next start. */
async function begin({ db }: Context, sample: Project): Promise<{ state: Begun; person: number } | undefined> {
  return db.transaction().execute(async (transaction) => {
    const owner = await transaction.selectFrom('people').select('id').orderBy('id').limit(1).executeTakeFirst();
    if (!owner) return undefined;
    const state = await lockSample(transaction);
    if (state.state === 'done') return undefined;
    if (isBegun(state)) return { state, person: owner.id };
    if (await hasProjects(transaction)) {
      await saveSample(transaction, { state: 'done' });
      return undefined;
    }
    const { name, schema } = sample;
    const project = await addProject(transaction, {
      name,
      schema: schema as unknown as SchemaJson,
      settings: settingsOf(sample),
      createdBy: owner.id,
    });
    await setRole(transaction, project.id, owner.id, 'owner');
    const file = await addImport(transaction, {
      project: project.id,
      person: owner.id,
      fileName: 'items.jsonl.gz',
      sizeBytes: 0,
      options: {},
    });
    const begun: Begun = { state: 'creating', project: project.id, import: file.id };
    await saveSample(transaction, begun);
    await audit(transaction, { action: 'project.create', person: owner.id, project: project.id, details: { name } });
    return { state: begun, person: owner.id };
  });
}

const isBegun = (state: SampleState): state is Begun => state.project !== undefined && state.import !== undefined;

function settingsOf({ items, gold, targetError, aggregator }: Project): Settings {
  const goldField = gold && 'field' in gold ? gold.field : undefined;
  return {
    ...settingsSchema.parse({}),
    targetError,
    aggregator: aggregator.use,
    textFields: [...items.text],
    hiddenFields: [...items.hide],
    metadataFields,
    ...(goldField !== undefined && { goldField }),
    ...(gold?.labels && { goldLabels: { ...gold.labels } }),
  };
}

/** All in one transaction, or none. */
async function addItems({ pool }: Context, { items }: Project, { project, import: importId }: Begun, signal: AbortSignal): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    while (!(await tryLockItems(client, project))) {
      signal.throwIfAborted();
      await sleep(100);
    }
    const { rows } = await client.query<{ items: number }>('select items from projects where id = $1', [project]);
    if (rows[0]?.items === 0) {
      let added = 0;
      for await (const batch of batchesOf(items)) {
        signal.throwIfAborted();
        added += (await appendItems(client, project, importId, batch)).added;
      }
      await client.query(`update imports set state = 'done', share = 1, items = $2::int, records = $2::int where id = $1`, [
        importId,
        added,
      ]);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch((fault: Error) => {
      broken = fault;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function* batchesOf(items: Project['items']): AsyncGenerator<Entry[]> {
  const { format, source } = await openDataFile(items.file, { ...(items.format !== undefined && { format: items.format }) });
  let batch: Entry[] = [];
  for await (const event of format.read(source, { ...(items.id !== undefined && { idField: items.id }) })) {
    if (event.kind === 'problem') refuseFatal([event.problem]);
    else batch.push(event.entry);
    if (batch.length < batchItems) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

async function finish({ db }: Context, { labelers }: Project, { project, import: importId }: Begun, person: number): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    if ((await lockSample(transaction)).state === 'done') return false;
    for (const { id, use, question, with: options, costUsd } of labelers)
      await addLabeler(transaction, { project, name: id, use, question, options: options as Record<string, unknown>, costUsd, person });
    await saveSample(transaction, { state: 'done', project, import: importId });
    return true;
  });
}
