import { expect, it } from 'vitest';
import { freshDatabase, startBroker } from './testing.ts';

it('gives each test its own database with the product’s tables, and drops it', async () => {
  const end = await startBroker();
  try {
    const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
    await one.pool.query(`insert into people (name, email) values ('Ada', 'ada@example.org')`);
    const people = await two.pool.query('select from people');
    expect(people.rowCount).toBe(0);
    await one.close();
    const left = await two.pool.query<{ name: string }>(`select datname as name from pg_database where datname like 'labelwright_test_%'`);
    expect(left.rows.map(({ name }) => two.url.includes(name))).toEqual([true]);
    await two.close();
  } finally {
    await end();
    delete process.env.LABELWRIGHT_TEST_BROKER;
  }
});

it('starts one where there is no broker, for as long as it is needed', async () => {
  const one = await freshDatabase();
  const two = await freshDatabase({ migrations: {} });
  expect((await two.pool.query(`select to_regclass('people') as people`)).rows).toEqual([{ people: null }]);
  await one.close();
  await two.close();
});
