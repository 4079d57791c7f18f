import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@labelwright/contract/client';
import { csrfHeader, type Role } from '@labelwright/contract/common';
import { settings } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import type { FastifyBaseLogger, FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { type AppOptions, createApp } from './app.ts';
import type { Context, Db } from './context.ts';
import type { Tables } from './database/tables.ts';
import { freshDatabase } from './database/testing.ts';
import { startEvents } from './events.ts';
import { jobHandlers } from './jobs/job-handlers.ts';
import { migrateJobs, startJobs } from './jobs/start-jobs.ts';
import { makeLog } from './log.ts';
import { changedSettings } from './project-checks.ts';
import { type EntranceOptions, makeEntrance } from './security/entrance.ts';
import { loadSecret } from './security/secret.ts';
import { setRole } from './stores/members.ts';
import { addPerson } from './stores/people.ts';
import { addProject } from './stores/projects.ts';
import { openSession } from './stores/sessions.ts';

export interface TestServerOptions extends Partial<Omit<EntranceOptions, 'secret'>> {
  readonly app?: AppOptions;
  readonly log?: FastifyBaseLogger;
  /** Jobs that routes add wait in the queue, or run as they do in the product. Without it, there is no queue to add to. */
  readonly jobs?: 'wait' | 'run';
}

/** A person of a test, with what their browser sends along. */
export interface TestPerson {
  readonly id: number;
  readonly email: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TestServer {
  readonly app: FastifyInstance;
  readonly context: Context;
  readonly db: Db;
  /** The contract's client, signed in as that person; without one, nobody in particular. */
  client(person?: Pick<TestPerson, 'headers'>): Client;
  inject(options: InjectOptions): Promise<LightMyRequestResponse>;
  /** With a session, and an account where there is a password. */
  addPerson(name?: string, options?: { admin?: boolean; passwordHash?: string | null }): Promise<TestPerson>;
  addProject(owner: Pick<TestPerson, 'id'>, options?: { name?: string; schema?: SchemaJson }): Promise<number>;
  setRole(project: number, person: Pick<TestPerson, 'id'>, role: Role | null): Promise<void>;
  close(): Promise<void>;
}

export const spamSchema: SchemaJson = {
  questions: [{ kind: 'choice', id: 'kind', title: 'Kind of mail', labels: [{ id: 'spam' }, { id: 'ham' }], multiple: false }],
};

/** A password hash that no password has. */
const nobodys = '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** A server of one's own for a test file: real database, nothing in it, not listening. Accounts unless said otherwise. */
export async function startTestServer({
  app: appOptions,
  log = makeLog({ level: 'error' }),
  jobs,
  ...given
}: TestServerOptions = {}): Promise<TestServer> {
  const database = await freshDatabase<Tables>();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'labelwright-data-'));
  const clock = given.clock ?? Date.now;
  const secret = await loadSecret(dataDirectory);
  const context: Context = {
    db: database.db,
    pool: database.pool,
    connection: database.connection,
    files: { dataDirectory },
    events: await startEvents(database.connection, log),
    entrance: makeEntrance({ isLoopback: true, accounts: true, callsPerMinute: 1_000_000, ...given, secret, clock }),
    log,
    version: 'test',
    clock,
  };
  const app = await createApp(context, appOptions);
  if (jobs !== undefined) await migrateJobs(context);
  const running = jobs === 'run' ? await startJobs(context, { handlers: jobHandlers, isAlone: true }) : undefined;
  const { db } = context;
  const inject = (options: InjectOptions) => app.inject({ ...options, headers: { host: 'localhost:4477', ...options.headers } });
  return {
    app,
    context,
    db,
    inject,
    client: (person) => createClient({ fetch: fetchBy(inject), headers: () => person?.headers ?? {} }),
    addPerson: async (name = 'Ada', options = {}) => {
      const email = `${name.toLowerCase().replace(/\W+/g, '.')}.${randomBytes(4).toString('hex')}@example.org`;
      const { id } = await addPerson(db, { name, email, admin: false, passwordHash: nobodys, ...options });
      const { token, csrf } = await openSession(db, id);
      return { id, email, headers: { cookie: `labelwright=${token}`, [csrfHeader]: csrf } };
    },
    addProject: async (owner, { name = 'Mail', schema = spamSchema } = {}) => {
      const { id } = await addProject(db, { name, schema, settings: changedSettings(settings.parse({})), createdBy: owner.id });
      await setRole(db, id, owner.id, 'owner');
      return id;
    },
    setRole: (project, person, role) => setRole(db, project, person.id, role),
    close: async () => {
      await app.close();
      await running?.stop();
      await database.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** `fetch` without a network. */
function fetchBy(inject: (options: InjectOptions) => Promise<LightMyRequestResponse>): typeof fetch {
  return async (input, init = {}) => {
    const answer = await inject({
      method: init.method as 'GET',
      url: input as string,
      headers: init.headers as Record<string, string>,
      ...(init.body != null && { payload: init.body instanceof Uint8Array ? Buffer.from(init.body) : (init.body as string) }),
    });
    return new Response(answer.statusCode === 204 || answer.statusCode === 304 ? null : answer.rawPayload, {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string>,
    });
  };
}
