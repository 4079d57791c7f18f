import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { offerSample } from '../jobs/sample.ts';
import { startTestServer, type TestServer } from '../testing.ts';
import { createSampleProject } from './create-sample-project.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ jobs: 'run' });
});
afterAll(() => server.close());

const { signal } = new AbortController();

test('on an empty database: the sample project with its rules, labeled, once', async () => {
  expect(await createSampleProject(server.context, signal)).toBeUndefined();
  const ada = await server.addPerson('Ada', { admin: true });
  const client = server.client(ada);
  await Promise.all([offerSample(server.context), offerSample(server.context)]);
  const [project] = await vi.waitFor(
    async () => {
      const projects = await client.listProjects({});
      expect(projects).toMatchObject([{ name: 'Mail: spam or ham', items: 6046, role: 'owner' }]);
      const [run] = await client.listRuns({ params: { project: projects[0].id } });
      expect(run?.state).toBe('done');
      return projects;
    },
    { timeout: 55_000, interval: 200 },
  );
  const params = { project: project.id };
  const [run] = await client.listRuns({ params });
  expect(run.results[0].gold?.estimate).toBeGreaterThan(0.9);
  expect(run.results[0].accepted).toBeGreaterThan(4000);
  expect(run.results[0].warnings.filter((text) => text.includes('cannot work'))).toEqual([]);
  expect(run.labelers.map(({ name }) => name)).toContain('text-model');
  const overview = await client.getOverview({ params });
  expect(overview).toMatchObject({ items: 6046, run: { stale: false }, next: { action: 'label' } });
  // The corpus' own answer is never shown to who labels, nor to the labelers.
  const { assignments } = await client.nextItems({ params, body: { count: 1 } });
  expect(Object.keys(assignments[0].item.fields)).not.toContain('group');
  expect(assignments[0].item.parts.map(({ name }) => name)).toEqual(['subject', 'text']);
  await offerSample(server.context);
  expect(await createSampleProject(server.context, signal)).toBeUndefined();
  expect(await client.listProjects({})).toHaveLength(1);
});
