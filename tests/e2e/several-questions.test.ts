import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPage } from './browser.ts';
import { checkAccess, importItems, type Product, startProduct, until } from './product-server.ts';

let product: Product;
let project: number;

beforeAll(async () => {
  product = await startProduct();
  project = await seed();
});

afterAll(() => product?.close());

/** Two questions, a rule for each, and a run. */
async function seed(): Promise<number> {
  const spam = {
    kind: 'choice' as const,
    id: 'kind',
    title: 'Is this mail spam?',
    labels: [{ id: 'ham' }, { id: 'spam' }],
    multiple: false,
  };
  const topics = {
    kind: 'choice' as const,
    id: 'topics',
    title: 'What is it about?',
    labels: [{ id: 'money' }, { id: 'travel' }],
    multiple: true,
  };
  const settings = { textFields: ['text'], planner: 'oldest' as const };
  const { id } = await product.client.createProject({ body: { name: 'Mails', schema: { questions: [spam, topics] }, settings } });
  const items = Array.from({ length: 20 }, (_, i) => ({ id: `mail-${i}`, text: i % 2 === 0 ? `Win money ${i}` : `The trip to Rome ${i}` }));
  await importItems(product.client, id, items);
  const rules = [
    ['wins', 'win', 'spam', 'kind'],
    ['trips', 'trip', 'travel', 'topics'],
  ];
  for (const [name, word, label, question] of rules)
    await product.client.createLabeler({
      params: { project: id },
      body: { name, use: 'keywords', with: { words: [word], label }, question },
    });
  const run = await product.client.startRun({ params: { project: id }, body: {} });
  await until(async () => (await product.client.getRun({ params: { project: id, run: run.id } })).state === 'done');
  return id;
}

const saidOf = async (question: string, ordinal: number) =>
  (await product.client.getItem({ params: { project, ordinal }, query: { question } })).answers.map(({ kind, labels }) => [kind, labels]);

it('one look answers both questions, one undo takes both back, and the evidence is that of the question at hand', async () => {
  const { page, faults } = await openPage(product.browser, `${product.url}/projects/${project}/label?order=oldest`);
  const first = page.getByRole('region', { name: 'Is this mail spam?' });
  const second = page.getByRole('region', { name: 'What is it about?' });
  const evidence = page.getByRole('region', { name: 'Evidence' });
  await first.waitFor();
  await page.getByText('Win money 0').first().waitFor();
  expect(await first.getAttribute('aria-current')).toBe('true');
  await evidence.getByText('wins').waitFor();

  // A choice goes on to the next question; its evidence comes with it.
  await page.keyboard.press('2');
  expect(await second.getAttribute('aria-current')).toBe('true');
  await evidence.getByText('wins').waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowUp');
  await evidence.getByText('wins').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('1');
  await page.keyboard.press('2');
  await checkAccess(page);
  await page.keyboard.press('Enter');
  await page.getByText('The trip to Rome 1').first().waitFor();
  await until(async () => (await saidOf('topics', 0)).length === 1);
  expect([await saidOf('kind', 0), await saidOf('topics', 0)]).toEqual([[['answer', ['spam']]], [['answer', ['money', 'travel']]]]);

  await page.keyboard.press('Control+z');
  await page.getByText('Win money 0').first().waitFor();
  expect(await second.getByRole('checkbox', { name: 'travel' }).getAttribute('aria-checked')).toBe('true');
  await until(async () => (await saidOf('topics', 0)).length === 2);
  expect((await saidOf('kind', 0)).map(([kind]) => kind)).toEqual(['answer', 'retract']);

  // Again, with a question that is gone past: none applies.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await until(async () => (await saidOf('topics', 0)).length === 3);
  expect((await saidOf('topics', 0)).at(-1)).toEqual(['answer', []]);
  expect(faults).toEqual([]);
  await page.context().close();
});

it('figures are of the question that is picked, and it goes along from page to page', async () => {
  const { page, faults } = await openPage(product.browser, `${product.url}/projects/${project}/overview`);
  await page.getByText('What is it about?').first().click();
  await page.waitForURL(/question=topics/);
  await page.getByRole('link', { name: 'Labelers', exact: true }).click();
  await page.getByText('trips').first().waitFor();
  expect(await page.getByText('wins').count()).toBe(0);
  for (const name of ['Labelers', 'Explore', 'Quality']) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.waitForURL(new RegExp(`${name.toLowerCase()}.*question=topics`));
    await checkAccess(page);
  }
  expect(faults).toEqual([]);
  await page.context().close();
});

it('a question with answers goes only when it is said, and an undo brings it back', async () => {
  const { page, faults } = await openPage(product.browser, `${product.url}/projects/${project}/settings`);
  await page.getByRole('button', { name: 'Remove the question What is it about?' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('is answered by the labelers trips').waitFor();
  await page.getByRole('button', { name: 'Put it back' }).click();
  const [trips] = (await product.client.listLabelers({ params: { project }, query: { question: 'topics' } })).labelers;
  await product.client.deleteLabeler({ params: { project, labeler: trips.id } });
  await page.getByRole('button', { name: 'Remove the question What is it about?' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('1 answer by one person').waitFor();
  await checkAccess(page);
  await page.getByRole('button', { name: 'Remove it all the same' }).click();
  await until(async () => (await product.client.getProject({ params: { project } })).schema.questions.length === 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await product.client.getProject({ params: { project } })).schema.questions.length === 2);
  expect((await saidOf('topics', 0)).at(-1)).toEqual(['answer', []]);
  // What the server refused is in the console as well.
  expect(faults.filter((fault) => !fault.includes('409'))).toEqual([]);
  await page.context().close();
});
