import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from '../testing.ts';
import { addJob, removeJob } from './add-job.ts';
import type { JobHandlers } from './job-list.ts';
import { joinJobProcesses } from './job-process.ts';
import { migrateJobs, startJobs } from './start-jobs.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await migrateJobs(server.context);
});
afterAll(() => server.close());
beforeEach(async () => {
  server.context.log.level = 'silent';
  await sql`delete from graphile_worker._private_jobs`.execute(server.db);
});

const start = (handlers: Partial<JobHandlers>, isAlone = true) => startJobs(server.context, { handlers, isAlone });
const waiting = async () =>
  (
    await sql<{ attempts: number; locked: boolean; due: boolean }>`
    select attempts, locked_at is not null as locked, run_at <= now() as due from graphile_worker.jobs`.execute(server.db)
  ).rows;

test('a job runs when its transaction is committed, and not when it is rolled back; one of a key replaces another', async () => {
  const done: number[] = [];
  const undone = server.db.transaction().execute(async (db) => {
    await addJob(db, 'run', { run: 1 }, 'run:1');
    throw new Error('rolled back');
  });
  await expect(undone).rejects.toThrow('rolled back');
  await addJob(server.db, 'run', { run: 2 }, 'run:2');
  await addJob(server.db, 'run', { run: 3 }, 'run:2');
  await addJob(server.db, 'run', { run: 4 }, 'run:4');
  await removeJob(server.db, 'run:4');
  const running = await start({ run: async ({ payload }) => void done.push(payload.run) });
  await vi.waitFor(() => expect(done).toEqual([3]));
  await running.stop();
  expect(await waiting()).toEqual([]);
});

test('a job that throws is tried again, later', async () => {
  const attempts: number[] = [];
  const running = await start({
    run: async ({ attempt }) => {
      attempts.push(attempt);
      throw new Error('not yet');
    },
  });
  await addJob(server.db, 'run', { run: 1 }, 'run:1');
  await vi.waitFor(async () => expect(await waiting()).toEqual([{ attempts: 1, locked: false, due: false }]));
  expect(attempts).toEqual([1]);
  await running.stop();
});

test('a server that stops tells its jobs, and the next one goes on with them at once', async () => {
  const first = await start({
    run: ({ signal }) => new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason as Error))),
  });
  await addJob(server.db, 'run', { run: 7 }, 'run:7');
  await vi.waitFor(async () => expect(await waiting()).toMatchObject([{ locked: true }]));
  await first.stop();
  expect(await waiting()).toEqual([{ attempts: 0, locked: false, due: true }]);
  const done: number[] = [];
  const second = await start({ run: async ({ payload }) => void done.push(payload.run) });
  await vi.waitFor(() => expect(done).toEqual([7]));
  await second.stop();
});

test('P64: jobs of a killed process are given back: at the start where we are alone, else when it has been silent for long', async () => {
  const killed = async (name: string, secondsAgo: number) => {
    await addJob(server.db, 'run', { run: secondsAgo }, `run:${name}`);
    await sql`update graphile_worker._private_jobs set locked_by = ${name}, locked_at = now() - make_interval(secs => ${secondsAgo}) where key = ${`run:${name}`}`.execute(
      server.db,
    );
    await sql`insert into job_processes (name, seen_at) values (${name}, now() - make_interval(secs => ${secondsAgo}))`.execute(server.db);
  };
  await killed('pool-silent', 30);
  await killed('pool-alive', 10);
  const done: number[] = [];
  const among = await start({ run: async ({ payload }) => void done.push(payload.run) }, false);
  await vi.waitFor(() => expect(done).toEqual([30]), { timeout: 5_000 });
  await among.stop();
  const alone = await start({ run: async ({ payload }) => void done.push(payload.run) });
  await vi.waitFor(() => expect(done).toEqual([30, 10]), { timeout: 5_000 });
  await alone.stop();
});

test('a process that was taken for dead is told, and joins again', async () => {
  const told = vi.fn<() => void>();
  const process = await joinJobProcesses(server.context, { name: 'pool-asleep', isAlone: false, onTakenForDead: told, beatMs: 20 });
  await sql`delete from job_processes`.execute(server.db);
  await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1));
  const { rows } = await sql`select name from job_processes`.execute(server.db);
  expect(rows).toEqual([{ name: 'pool-asleep' }]);
  await process.stop();
});
