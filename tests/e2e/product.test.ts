import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type Client } from '@labelwright/contract/client';
import { type RunningServer, startServer } from '@labelwright/server/main';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../cli/run-cli.ts';
import { launchBrowser, openPage } from './browser.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const data = mkdtempSync(join(tmpdir(), 'labelwright-e2e-'));

let browser: Browser;
let server: RunningServer;
let client: Client;
let project: number;

const texts = Array.from({ length: 40 }, (_, i) => ({
  id: `mail-${i}`,
  text: i % 3 === 0 ? `Win a free prize ${i}` : `Re: the meeting ${i}`,
  kind: i % 3 === 0 ? 'spam' : 'ham',
}));

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startServer({
    dataDirectory: data,
    port: 0,
    web: join(root, 'packages/web/dist'),
    sample: false,
    print: () => undefined,
    environment: { ...process.env, DATABASE_URL: undefined, LABELWRIGHT_LOG: 'silent' },
  });
  let csrf = '';
  client = createClient({ baseUrl: server.url, headers: () => ({ 'x-csrf-token': csrf }) });
  csrf = (await client.getSession({})).csrf ?? '';
  project = await seed();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
});

async function seed(): Promise<number> {
  const question = {
    kind: 'choice' as const,
    id: 'kind',
    title: 'Is this mail spam?',
    labels: [{ id: 'ham' }, { id: 'spam' }],
    multiple: false,
  };
  const { id } = await client.createProject({
    body: { name: 'Mails', schema: { questions: [question] }, settings: { textFields: ['text'], goldField: 'kind' } },
  });
  const bytes = new TextEncoder().encode(texts.map((item) => JSON.stringify(item)).join('\n'));
  const { id: file } = await client.createImport({ params: { project: id }, body: { fileName: 'mails.jsonl', sizeBytes: bytes.length } });
  const params = { project: id, import: file };
  await client.uploadChunk({ params, query: { offset: 0 } }, { raw: bytes });
  await client.startImport({ params, body: {} });
  await until(async () => (await client.getImport({ params })).state === 'done');
  return id;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300 && !(await isSo()); i++) await sleep(100);
  expect(await isSo()).toBe(true);
}

async function open(path: string, options: Parameters<typeof openPage>[2] = {}): Promise<{ page: Page; faults: string[] }> {
  return openPage(browser, `${server.url}${path}`, { viewport: { width: 1280, height: 720 }, ...options });
}

describe('the workbench', () => {
  it('labels by keyboard, undoes, and loses nothing while offline', async () => {
    const { page, faults } = await open(`/projects/${project}/label`);
    const answers = async (): Promise<string[]> =>
      (await client.myAnswers({ params: { project }, query: {} })).map(({ ordinal, labels }) => `${ordinal}:${labels?.join('+')}`);
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
    await page.addScriptTag({ content: axe });
    const { violations } = await page.evaluate<{
      violations: { id: string; nodes: { html: string }[] }[];
    }>("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })");
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)).toEqual([]);
    await page.context().close();
  });
});

it('the content security policy of the page is kept: no inline script, nothing from elsewhere', async () => {
  const { page, faults } = await open(`/projects/${project}/label`);
  await page.getByRole('button', { name: /^Submit/ }).waitFor();
  const policy = (await fetch(server.url)).headers.get('content-security-policy') ?? '';
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
    expect((await client.listLabelers({ params: { project } })).labelers.map(({ name }) => name)).toContain('prizes');

    const { id } = await client.startRun({ params: { project }, body: {} });
    await until(async () => (await client.getRun({ params: { project, run: id } })).state === 'done');
    await page.goto(`${server.url}/projects/${project}/overview`);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect((await client.getOverview({ params: { project } })).covered).toBeGreaterThanOrEqual(14);

    const { id: made } = await client.createExport({ params: { project }, body: { format: 'csv' } });
    await until(async () =>
      (await client.listExports({ params: { project } })).some((version) => version.id === made && version.state === 'done'),
    );
    const csv = await client.downloadExport({ params: { project, export: made } });
    expect(String(csv).trim().split('\n')).toHaveLength(texts.length + 1);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
