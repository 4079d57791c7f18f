import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPage } from './browser.ts';
import { checkAccess, importItems, type Product, startProduct, until } from './product-server.ts';

let product: Product;
let project: number;

const texts = Array.from({ length: 40 }, (_, i) => ({
  id: `mail-${i}`,
  text: i % 3 === 0 ? `Win a free prize ${i}` : `Re: the meeting ${i}`,
  kind: i % 3 === 0 ? 'spam' : 'ham',
}));

beforeAll(async () => {
  product = await startProduct();
  project = await seed();
});

afterAll(() => product?.close());

async function seed(): Promise<number> {
  const question = {
    kind: 'choice' as const,
    id: 'kind',
    title: 'Is this mail spam?',
    labels: [{ id: 'ham' }, { id: 'spam' }],
    multiple: false,
  };
  const { id } = await product.client.createProject({
    body: { name: 'Mails', schema: { questions: [question] }, settings: { textFields: ['text'], goldField: 'kind' } },
  });
  await importItems(product.client, id, texts);
  return id;
}

async function open(path: string, options: Parameters<typeof openPage>[2] = {}): Promise<{ page: Page; faults: string[] }> {
  return openPage(product.browser, `${product.url}${path}`, { viewport: { width: 1280, height: 720 }, ...options });
}

describe('the workbench', () => {
  it('labels by keyboard, undoes, and loses nothing while offline', async () => {
    const { page, faults } = await open(`/projects/${project}/label`);
    const answers = async (): Promise<string[]> =>
      (await product.client.myAnswers({ params: { project }, query: {} })).map(({ ordinal, labels }) => `${ordinal}:${labels?.join('+')}`);
    await page.getByRole('button', { name: /^Submit/ }).waitFor();
    await page.getByText('Win a free prize 0').first().waitFor();

    await page.keyboard.press('2');
    await page.keyboard.press('Enter');
    await page.getByText('Re: the meeting 1').first().waitFor();
    await until(async () => (await answers()).join() === '0:spam');

    await page.keyboard.press('Control+z');
    await until(async () => (await answers()).length === 0);
    await page.keyboard.press('Control+Shift+z');
    await until(async () => (await answers()).join() === '0:spam');

    await page.context().setOffline(true);
    await page.getByText('Re: the meeting 1').first().waitFor();
    for (const key of ['1', 'Enter', '1', 'Enter']) {
      await page.keyboard.press(key);
      await sleep(300);
    }
    await page.getByText(/offline.*2 waiting/).waitFor();
    await page.context().setOffline(false);
    await page.getByText('● saved').waitFor({ timeout: 30_000 });
    expect((await answers()).sort()).toEqual(['0:spam', '1:ham', '2:ham']);
    expect(faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED|Failed to fetch|Failed to load resource/.test(fault))).toEqual([]);
    await page.context().close();
  });
});

const pages = [
  '/',
  '/new',
  '/people',
  ...['overview', 'label', 'labelers', 'explore', 'quality', 'runs', 'export', 'settings', 'import'].map(
    (page) => `/projects/:project/${page}`,
  ),
];

describe.each(['light', 'dark'] as const)('every page in %s', (colorScheme) => {
  it.each(pages)('%s: no fault in the console, nothing that WCAG 2.2 AA forbids', async (path) => {
    const { page, faults } = await open(path.replace(':project', String(project)), { colorScheme, bypassCSP: true });
    await page.getByText('Labelwright').first().waitFor();
    await page.waitForLoadState('load');
    await sleep(1500);
    expect(faults).toEqual([]);
    await checkAccess(page);
    await page.context().close();
  });
});

it('the content security policy of the page is kept: no inline script, nothing from elsewhere', async () => {
  const { page, faults } = await open(`/projects/${project}/label`);
  await page.getByRole('button', { name: /^Submit/ }).waitFor();
  const policy = (await fetch(product.url)).headers.get('content-security-policy') ?? '';
  expect(policy).not.toContain("'unsafe-inline'");
  expect(faults).toEqual([]);
  await page.context().close();
});

describe('from a rule to an export, in the browser', () => {
  it('adds a rule with a live preview, runs, sees the result, exports', async () => {
    const { page, faults } = await open(`/projects/${project}/labelers?add=keywords`);
    await page.getByRole('textbox', { name: /^Name/ }).fill('prizes');
    await page.getByPlaceholder('free, win, click here').pressSequentially('free,prize,');
    const preview = page.getByRole('region', { name: 'Live preview' });
    await preview.getByText('tried on 40 items').waitFor();
    await page.keyboard.press('Control+Enter');
    const table = page.getByRole('table', { name: 'Labelers', exact: true });
    await table.getByText('prizes').waitFor();
    expect((await product.client.listLabelers({ params: { project } })).labelers.map(({ name }) => name)).toContain('prizes');

    const { id } = await product.client.startRun({ params: { project }, body: {} });
    await until(async () => (await product.client.getRun({ params: { project, run: id } })).state === 'done');
    await page.goto(`${product.url}/projects/${project}/overview`);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect((await product.client.getOverview({ params: { project } })).covered).toBeGreaterThanOrEqual(14);

    const { id: made } = await product.client.createExport({ params: { project }, body: { format: 'csv' } });
    await until(async () =>
      (await product.client.listExports({ params: { project } })).some((version) => version.id === made && version.state === 'done'),
    );
    const csv = await product.client.downloadExport({ params: { project, export: made } });
    expect(String(csv).trim().split('\n')).toHaveLength(texts.length + 1);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
