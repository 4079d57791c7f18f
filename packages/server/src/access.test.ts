import { api, type RouteName } from '@labelwright/contract/api';
import { csrfHeader, type Role, roles } from '@labelwright/contract/common';
import type { Route } from '@labelwright/contract/route';
import { CoreError } from '@labelwright/core/model/errors';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { access, type Rule, type Who } from './access.ts';
import { allHandlers, createApp } from './app.ts';
import type { Handlers } from './handlers.ts';
import { setArchived } from './stores/projects.ts';
import { makeToken } from './stores/tokens.ts';
import { startTestServer, type TestPerson, type TestServer } from './testing.ts';

const names = Object.keys(api) as RouteName[];
const routeOf = (name: RouteName): Route => api[name];
const ruleOf = (name: RouteName): Rule => access[name];
const isOfProject = (name: RouteName) => api[name].path.includes('/:project');
const isUnsafe = (name: RouteName) => api[name].method !== 'GET';

let server: TestServer;
/** All routes of the contract, built or not, with a handler that says that the caller was let in. */
let gates: FastifyInstance;
let own: number;
let foreign: number;
const people = {} as Record<Role | 'none' | 'admin', TestPerson>;

beforeAll(async () => {
  server = await startTestServer();
  const letIn = () => {
    throw new CoreError('conflict', 'let in');
  };
  gates = await createApp(server.context, { handlers: Object.fromEntries(names.map((name) => [name, letIn])) as unknown as Handlers });
  const stranger = await server.addPerson('Stranger');
  for (const name of [...roles, 'none'] as const) people[name] = await server.addPerson(name);
  people.admin = await server.addPerson('admin', { admin: true });
  own = await server.addProject(people.owner);
  foreign = await server.addProject(stranger);
  for (const role of roles) await server.setRole(own, people[role], role);
});
afterAll(async () => {
  await gates.close();
  await server.close();
});

/** What a caller gets, as one word: the code of the fault before the handler, or 'let in'. */
async function knock(name: RouteName, project: number, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const answer = await gates.inject({ ...callOf(name, { project }), headers: { host: 'localhost', ...headers } });
  const { code, message } = answer.json<{ code: string; message: string }>();
  // The body is empty, so that a handler that wants one is not reached: but access comes before.
  if (code === 'bad-request' || message === 'let in') return 'let in';
  return code === 'not-found' ? `${answer.statusCode} ${message}` : code;
}

function callOf(name: RouteName, ids: Readonly<Record<string, string | number>>, body: object = {}) {
  const { method, path, body: schema } = routeOf(name);
  const url = path.replace(/:(\w+)/g, (_, key: string) => String(ids[key] ?? samples[key]));
  return { method, url, ...(schema && { payload: body }) };
}

const samples: Readonly<Record<string, string | number>> = { action: '00000000-0000-4000-8000-00000000abcd', ordinal: 0 };

const noProject = '404 There is no such project';

function expected(who: Who, caller: Role | 'none' | 'admin', projectIs: 'own' | 'foreign' | 'none'): string {
  if (who === 'anyone' || caller === 'admin' || who === 'signed-in') return 'let in';
  if (who === 'admin') return 'forbidden';
  if (who === 'any-manager') return caller === 'owner' || caller === 'manager' ? 'let in' : 'forbidden';
  if (projectIs === 'foreign' || caller === 'none') return noProject;
  return roles.indexOf(caller) <= roles.indexOf(who) ? 'let in' : 'forbidden';
}

test('a route that is not in the contract and the table cannot be registered', async () => {
  const app = await createApp(server.context, { handlers: {} });
  expect(() => app.get('/api/secrets', () => 'all')).toThrow('GET /api/secrets is not registered by the contract and the access table');
  await app.close();
  expect(Object.keys(access).sort()).toEqual([...names].sort());
});

describe.each(['own', 'foreign'] as const)('P34: every route × every role, %s project', (which) => {
  test.each([...roles, 'none', 'admin'] as const)('%s', async (caller) => {
    const got: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    for (const name of names) {
      got[name] = await knock(name, which === 'own' ? own : foreign, people[caller].headers);
      wanted[name] = expected(ruleOf(name).who, caller, isOfProject(name) ? which : 'none');
    }
    expect(got).toEqual(wanted);
  });

  test('anonymous', async () => {
    for (const name of names) {
      expect([name, await knock(name, which === 'own' ? own : foreign)]).toEqual([
        name,
        ruleOf(name).who === 'anyone' ? 'let in' : 'login-required',
      ]);
    }
  });
});

test('API tokens: reading only, reading and writing, and neither for what takes a person', async () => {
  for (const scope of ['read', 'write'] as const) {
    const { token } = await makeToken(server.db, { personId: people.owner.id, name: scope, scope, days: 1 });
    for (const name of names) {
      const rule = ruleOf(name);
      const fits = rule.who === 'anyone' || rule.scope === 'read' || (rule.scope === 'write' && scope === 'write');
      const wanted = fits && rule.who !== 'admin' ? 'let in' : 'forbidden';
      expect([name, await knock(name, own, { authorization: `Bearer ${token}` })]).toEqual([name, wanted]);
    }
  }
});

test('an archived project is read, and restored, but not changed', async () => {
  await setArchived(server.db, own, true);
  for (const name of names.filter(isOfProject)) {
    const { scope, whenArchived } = ruleOf(name);
    expect([name, await knock(name, own, people.owner.headers)]).toEqual([name, scope === 'read' || whenArchived ? 'let in' : 'archived']);
  }
  await setArchived(server.db, own, false);
});

test('P41: a change without the CSRF token, or from another site, is refused on every route', async () => {
  const { cookie } = people.owner.headers;
  const { [csrfHeader]: csrf } = people.none.headers;
  for (const name of names.filter(isUnsafe)) {
    const wanted = ruleOf(name).opensSession ? 'let in' : 'csrf';
    expect([name, await knock(name, own, { cookie })]).toEqual([name, wanted]);
    expect([name, await knock(name, own, { cookie, [csrfHeader]: csrf })]).toEqual([name, wanted]);
    for (const from of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ])
      expect([name, await knock(name, own, { ...people.owner.headers, ...from })]).toEqual([name, 'cross-site']);
  }
});

describe('P35: ids of another project', () => {
  /** A thing of the foreign project for each kind of id in a path. A new kind of id: one line here. */
  const idsOf: Readonly<Record<string, () => Promise<string | number>>> = {
    import: () => add('imports', { person_id: people.none.id, file_name: 'a.csv', size_bytes: 1 }),
    export: () => add('exports', { number: 1, person_id: people.none.id, format: 'csv', options: '{}', state: 'done' }),
    run: () => add('runs', { number: 1, person_id: people.none.id }),
    audit: async () => {
      const run = await add('runs', { number: 2, person_id: people.none.id });
      const values = {
        number: 1,
        question: 'kind',
        run_id: run,
        held_run: run,
        person_id: people.none.id,
        target_error: 0.05,
        confidence: 0.95,
      };
      return add('audits', { ...values, seed: 1, pool: 10, drawn: 0 });
    },
    labeler: () => add('labelers', { name: 'rule', use: 'regex', question: 'kind', options: '{}' }),
    connection: () => add('connections', { name: 'theirs', provider: 'openai' }),
    asking: async () => {
      const labeler = await add('labelers', { name: 'model', use: 'llm-prompt', question: 'kind', options: '{}' });
      return add('askings', { labeler_id: labeler, version: 1, person_id: people.none.id });
    },
    ordinal: async () => {
      await server.db.insertInto('items').values({ project_id: foreign, ordinal: 7, id: 'seven', fields: '{}' }).execute();
      return 7;
    },
    action: async () => {
      const action = '00000000-0000-4000-8000-00000000f0f0';
      await server.db
        .insertInto('answers')
        .values({
          action,
          project_id: foreign,
          ordinal: 7,
          question: 'kind',
          person_id: people.owner.id,
          kind: 'answer',
          labels: '["spam"]',
          base: 0,
          version: 1,
        })
        .execute();
      return action;
    },
    token: async () => (await makeToken(server.db, { personId: people.none.id, name: 'theirs', scope: 'read', days: 1 })).id,
  };
  const missing: Readonly<Record<string, string | number>> = { action: '00000000-0000-4000-8000-000000000bad' };

  /** What a call needs to come as far as the id. A route with such an id and a body: one line here. */
  const bodies: Partial<Record<RouteName, object>> = {
    startImport: {},
    addComment: { action: '00000000-0000-4000-8000-0000000c0c0c', text: 'hello' },
    updateLabeler: { version: 1, enabled: false },
    undoAnswer: { action: '00000000-0000-4000-8000-0000000d0d0d' },
    extendAudit: { size: 1 },
    setGold: { labels: ['spam'] },
    updateConnection: { version: 1, concurrency: 1 },
    testConnection: { model: 'm' },
    startAsking: {},
    resumeAsking: {},
    improvePrompt: {},
    makeItems: { kind: 'paraphrase', ordinals: [0] },
    secondOpinions: {},
    draftGuidelines: {},
  };

  const secondary = (name: RouteName) => [...api[name].path.matchAll(/:(\w+)/g)].map(([, key]) => key).filter((key) => key in idsOf);
  const built = (Object.keys(allHandlers) as RouteName[]).filter((name) => secondary(name).length > 0);

  test('are answered like ids that are not there, and nothing of the other project changes', async () => {
    const ids: Record<string, string | number> = {};
    for (const [key, make] of Object.entries(idsOf)) ids[key] = await make();
    const before = await contentOf(foreign);
    for (const name of built) {
      const [key] = secondary(name);
      const ask = (id: string | number) => {
        const call = callOf(name, { project: own, [key]: id }, bodies[name]);
        const raw = name === 'uploadChunk' && { url: `${call.url}?offset=0`, payload: Buffer.from('x') };
        const type = raw && { 'content-type': 'application/octet-stream' };
        return server.inject({ ...call, ...raw, headers: { ...people.owner.headers, ...type } });
      };
      const [theirs, none] = [await ask(ids[key]), await ask(missing[key] ?? 999_999)];
      expect([name, theirs.statusCode]).toEqual([name, 404]);
      expect({ ...theirs.json<object>(), requestId: '' }).toEqual({ ...none.json<object>(), requestId: '' });
    }
    expect(await contentOf(foreign)).toEqual(before);
  });

  test('a project that is not there and one of others have one answer', async () => {
    const ask = async (project: number | string) => {
      const answer = await server.inject({ url: `/api/projects/${project}`, headers: people.owner.headers });
      return [answer.statusCode, { ...answer.json<object>(), requestId: '' }];
    };
    const theirs = await ask(foreign);
    expect(theirs).toEqual([404, { code: 'not-found', message: 'There is no such project', requestId: '' }]);
    for (const project of [999_999, 0, -1, 'x', '1e99', '99999999999999999999', `${own}%00`, '..%2f1'])
      expect([project, await ask(project)]).toEqual([project, theirs]);
  });

  async function add(table: 'imports' | 'exports' | 'runs' | 'labelers' | 'audits', values: object): Promise<number> {
    const row = { project_id: foreign, ...values };
    return (
      await server.db
        .insertInto(table)
        .values(row as never)
        .returning('id')
        .executeTakeFirstOrThrow()
    ).id;
  }

  async function contentOf(project: number) {
    const tables = ['imports', 'exports', 'runs', 'labelers', 'audits', 'gold_answers', 'items', 'answers', 'comments'] as const;
    return Promise.all(tables.map((table) => server.db.selectFrom(table).selectAll().where('project_id', '=', project).execute()));
  }
});
