import { CoreError } from '@labelwright/core/model/errors';
import { sealKey } from '../asking/keys.ts';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { askingEvent, pauseThrough } from '../stores/askings.ts';
import { audit } from '../stores/audit.ts';
import {
  addConnection,
  changeConnection,
  type ConnectionFields,
  connectionNamed,
  type ConnectionRow,
  lockConnection,
  usersOf,
} from '../stores/connections.ts';
import { lockProject } from '../stores/projects.ts';

/** @throws CoreError 'name-taken', 'forbidden', 'bad-request' */
export function createConnection(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  { key, ...fields }: ConnectionFields & { readonly key?: string | undefined },
): Promise<ConnectionRow> {
  checkAddress(fields);
  if (fields.allowPrivate) checkMayReachInside(person);
  return context.db.transaction().execute(async (transaction) => {
    await lockProject(transaction, project);
    if (await connectionNamed(transaction, project, fields.name)) throw nameTaken(fields.name);
    const added = await addConnection(transaction, project, fields);
    const sealed = key === undefined ? undefined : await sealKey(context, key, added);
    const row = await changeConnection(transaction, added.id, fields, sealed, true);
    await audit(transaction, { action: 'connection.create', person: person.id, project, details: told(row) });
    return row;
  });
}

export interface ConnectionChange extends Partial<{ readonly [Field in keyof ConnectionFields]: ConnectionFields[Field] | undefined }> {
  readonly version: number;
  /** Null takes it away. */
  readonly key?: string | null | undefined;
}

/** A key goes to no other address than the one it was given for. @throws CoreError 'stale-version', 'name-taken', 'conflict', 'forbidden', 'bad-request' */
export function updateConnection(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  id: number,
  { version, key, ...change }: ConnectionChange,
): Promise<ConnectionRow> {
  return context.db.transaction().execute(async (transaction) => {
    await lockProject(transaction, project);
    const before = await lockConnection(transaction, project, id);
    if (!before) throw notFound('connection');
    if (before.version !== version)
      throw new CoreError('stale-version', `Somebody else changed ${before.name} meanwhile: look at what it is now, then change it again`, {
        version: before.version,
      });
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const fields = { ...fieldsOf(before), ...given } as ConnectionFields;
    checkAddress(fields);
    if (fields.name !== before.name) {
      if (await connectionNamed(transaction, project, fields.name)) throw nameTaken(fields.name);
      const users = await usersOf(transaction, project, before.name);
      if (users.length > 0)
        throw new CoreError('conflict', `${users.join(', ')} ask through '${before.name}' by its name: it cannot be renamed`, {
          path: 'name',
        });
    }
    const isElsewhere = fields.provider !== before.provider || fields.baseUrl !== before.base_url;
    if (fields.allowPrivate && (isElsewhere || !before.allow_private)) checkMayReachInside(person);
    if (isElsewhere && before.sealed_key !== null && key === undefined)
      throw new CoreError('bad-request', 'Another provider or address: give its key as well, the one that is stored is not sent there', {
        path: 'key',
      });
    const place = { id, provider: fields.provider, base_url: fields.baseUrl };
    const sealed = typeof key === 'string' ? await sealKey(context, key, place) : key;
    const row = await changeConnection(transaction, id, fields, sealed);
    const details = { ...told(row), key: key === undefined ? 'kept' : key === null ? 'removed' : 'replaced' };
    await audit(transaction, { action: 'connection.update', person: person.id, project, details });
    return row;
  });
}

/** Askings through it end; labelers that use it can no longer ask, and what they answered stays. */
export function deleteConnection({ db, events }: Context, { person }: Pick<Member, 'person'>, project: number, id: number): Promise<void> {
  return db.transaction().execute(async (transaction) => {
    const row = await lockConnection(transaction, project, id);
    if (!row) throw notFound('connection');
    const paused = await pauseThrough(transaction, project, row.name, `The connection '${row.name}' was deleted`);
    for (const asking of paused) await events.publish(transaction, project, askingEvent(asking));
    await transaction.deleteFrom('connections').where('id', '=', id).execute();
    await audit(transaction, { action: 'connection.delete', person: person.id, project, details: told(row) });
  });
}

function fieldsOf(row: ConnectionRow): ConnectionFields {
  return {
    name: row.name,
    provider: row.provider,
    baseUrl: row.base_url,
    allowPrivate: row.allow_private,
    prices: row.prices,
    concurrency: row.concurrency,
    callsPerMinute: row.calls_per_minute,
  };
}

function told({ id, name, provider, base_url, allow_private }: ConnectionRow) {
  return { connection: id, name, provider, baseUrl: base_url, allowPrivate: allow_private };
}

function checkAddress({ provider, baseUrl }: ConnectionFields): void {
  if (baseUrl === null && provider === 'openai-compatible')
    throw new CoreError('bad-request', 'Give the address of the server, like http://localhost:11434/v1', { path: 'baseUrl' });
  const url = baseUrl === null ? undefined : new URL(baseUrl);
  if (url && (url.username !== '' || url.password !== '' || url.search !== ''))
    throw new CoreError('bad-request', 'The address must hold no name, no password and no ?…: give the key as the key', {
      path: 'baseUrl',
    });
}

/** Else everybody who may make a project could look around in the network of the server. */
function checkMayReachInside({ admin }: Member['person']): void {
  if (!admin)
    throw new CoreError('forbidden', "Only an administrator may let a connection reach the server's own machine and network", {
      path: 'allowPrivate',
    });
}

function nameTaken(name: string): CoreError {
  return new CoreError('name-taken', `There is a connection called '${name}' already: choose another name`, { path: 'name' });
}
