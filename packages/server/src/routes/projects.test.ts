import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spamSchema, startTestServer, type TestPerson, type TestServer } from '../testing.ts';

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await startTestServer();
  ada = await server.addPerson('Ada');
});
afterAll(() => server.close());

const withLabels = (...labels: string[]) => ({ questions: [{ ...spamSchema.questions[0], labels: labels.map((id) => ({ id })) }] });

describe('projects', () => {
  test('are made with the defaults, listed newest first, and owned by who made them', async () => {
    const client = server.client(ada);
    const made = await client.createProject({ body: { name: ' Mail ', schema: spamSchema, settings: { targetError: 0.02 } } });
    expect(made).toMatchObject({ name: 'Mail', version: 1, items: 0, role: 'owner', archivedAt: null });
    expect(made.settings).toMatchObject({ targetError: 0.02, overlap: 1, aggregator: 'auto' });
    const later = await client.createProject({ body: { name: 'Later', schema: spamSchema } });
    const list = await client.listProjects({ query: {} });
    expect(list.map(({ id }) => id)).toEqual([later.id, made.id]);
    expect(list[0]).toMatchObject({ accepted: 0, waiting: 0 });
    expect(await client.getProject({ params: { project: made.id } })).toEqual(made);
  });

  test('a change names what it changes: other settings stay, null takes one away', async () => {
    const client = server.client(ada);
    const { id } = await client.createProject({ body: { name: 'A', schema: spamSchema, settings: { overlap: 3, goldField: 'gold' } } });
    const params = { project: id };
    const changed = await client.updateProject({ params, body: { version: 1, settings: { blind: true } } });
    expect(changed).toMatchObject({ version: 2, name: 'A', settings: { overlap: 3, blind: true, goldField: 'gold' } });
    const without = await client.updateProject({ params, body: { version: 2, name: 'B', settings: { goldField: null } } });
    expect(without.name).toBe('B');
    expect(without.settings).not.toHaveProperty('goldField');
  });

  test('of two changes to one version, one is refused and told the present version', async () => {
    const client = server.client(ada);
    const { id } = await client.createProject({ body: { name: 'Twice', schema: spamSchema } });
    const change = (name: string) => client.updateProject({ params: { project: id }, body: { version: 1, name } });
    const outcomes = await Promise.allSettled([change('one'), change('two')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toMatchObject({ status: 409, fault: { code: 'stale-version', details: { version: 2 } } });
  });

  test('a schema that makes no sense is refused by core', async () => {
    const client = server.client(ada);
    const twice = client.createProject({ body: { name: 'X', schema: withLabels('spam', 'spam') } });
    await expect(twice).rejects.toMatchObject({ status: 400, fault: { code: 'bad-schema', message: /'spam' is there twice/ } });
    const colour = { questions: [{ ...spamSchema.questions[0], labels: [{ id: 'a', color: 'red;background:url(x)' }] }] };
    await expect(client.createProject({ body: { name: 'X', schema: colour } })).rejects.toMatchObject({ fault: { code: 'bad-schema' } });
  });

  test('a label that answers or labelers use cannot go, and the reason names them', async () => {
    const client = server.client(ada);
    const { id } = await client.createProject({ body: { name: 'In use', schema: withLabels('spam', 'ham', 'news', 'free') } });
    const action = '00000000-0000-4000-8000-000000000001';
    await server.db
      .insertInto('answers')
      .values({
        action,
        project_id: id,
        ordinal: 0,
        question: 'kind',
        person_id: ada.id,
        kind: 'answer',
        labels: '["ham"]',
        base: 0,
        version: 1,
      })
      .execute();
    await server.db
      .insertInto('current_answers')
      .values({ project_id: id, question: 'kind', ordinal: 0, person_id: ada.id, action, kind: 'answer', labels: '["ham"]' })
      .execute();
    const options = JSON.stringify({ rules: [{ words: ['now'], label: 'news' }] });
    await server.db
      .insertInto('labelers')
      .values({ project_id: id, name: 'news-words', use: 'keywords', question: 'kind', options })
      .execute();
    const change = (version: number, ...labels: string[]) =>
      client.updateProject({ params: { project: id }, body: { version, schema: withLabels(...labels) } });
    await expect(change(1, 'spam', 'news', 'free')).rejects.toMatchObject({
      status: 409,
      fault: { code: 'label-in-use', message: "Label 'ham' of question 'kind' is used by 1 answer: change these first" },
    });
    await expect(change(1, 'spam', 'ham', 'free')).rejects.toMatchObject({ fault: { message: /used by the labelers news-words/ } });
    expect(await change(1, 'spam', 'ham', 'news', 'new')).toMatchObject({ version: 2 });
  });

  test('an archived one is out of sight and takes no change until it is restored', async () => {
    const client = server.client(ada);
    const { id } = await client.createProject({ body: { name: 'Old', schema: spamSchema } });
    const params = { project: id };
    const ids = async (archived: boolean) =>
      (await client.listProjects({ query: archived ? { archived: 'true' } : {} })).map((each) => each.id);
    await client.archiveProject({ params });
    expect(await ids(false)).not.toContain(id);
    expect(await ids(true)).toEqual([id]);
    const change = () => client.updateProject({ params, body: { version: 1, name: 'New' } });
    await expect(change()).rejects.toMatchObject({ status: 409, fault: { code: 'archived' } });
    await client.restoreProject({ params });
    expect(await ids(false)).toContain(id);
    expect(await change()).toMatchObject({ name: 'New' });
  });
});
