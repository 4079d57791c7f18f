import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@labelwright/contract/client';
import { type RunningServer, startServer } from '@labelwright/server/main';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../cli/run-cli.ts';
import { launchBrowser, openPage } from './browser.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const data = mkdtempSync(join(tmpdir(), 'labelwright-e2e-quality-'));

let browser: Browser;
let server: RunningServer;
let client: Client;
let project: number;

/** One in twenty is about a meeting and spam all the same: what the rules cannot know. */
const isSpam = (i: number): boolean => i % 3 === 0 || i % 20 === 10;
const texts = Array.from({ length: 60 }, (_, i) => ({
  id: `mail-${i}`,
  text: i % 3 === 0 ? `Win a free prize ${i}` : `Re: the meeting ${i}`,
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

/** Rules that are sure of everything, and a run. */
async function seed(): Promise<number> {
  const labels = [{ id: 'ham' }, { id: 'spam' }];
  const question = { kind: 'choice' as const, id: 'kind', title: 'Is this mail spam?', labels, multiple: false };
  const settings = { textFields: ['text'], targetError: 0.2 };
  const { id } = await client.createProject({ body: { name: 'Mails', schema: { questions: [question] }, settings } });
  const bytes = new TextEncoder().encode(texts.map((item) => JSON.stringify(item)).join('\n'));
  const { id: file } = await client.createImport({ params: { project: id }, body: { fileName: 'mails.jsonl', sizeBytes: bytes.length } });
  const params = { project: id, import: file };
  await client.uploadChunk({ params, query: { offset: 0 } }, { raw: bytes });
  await client.startImport({ params, body: {} });
  await until(async () => (await client.getImport({ params })).state === 'done');
  const rules = [
    ['prizes', 'prize', 'spam'],
    ['free', 'free', 'spam'],
    ['wins', 'win', 'spam'],
    ['meetings', 'meeting', 'ham'],
    ['replies', 're', 'ham'],
    ['the', 'the', 'ham'],
  ];
  for (const [name, word, label] of rules)
    await client.createLabeler({ params: { project: id }, body: { name, use: 'keywords', with: { words: [word], label } } });
  const run = await client.startRun({ params: { project: id }, body: {} });
  await until(async () => (await client.getRun({ params: { project: id, run: run.id } })).state === 'done');
  return id;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600 && !(await isSo()); i++) await sleep(100);
  expect(await isSo()).toBe(true);
}

async function checkAccess(page: Page): Promise<void> {
  await page.addScriptTag({ content: axe });
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })",
  );
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)).toEqual([]);
}

it('from "not certified" through a blind audit by keyboard to a certificate on every screen and in the card', async () => {
  const { page, faults } = await openPage(browser, `${server.url}/projects/${project}/quality`, {
    viewport: { width: 1280, height: 720 },
    bypassCSP: true,
  });
  await page.getByText('Not certified', { exact: true }).waitFor();
  await checkAccess(page);
  const { pool, minimum } = await client.planAudit({ params: { project } });
  expect(pool).toBeGreaterThanOrEqual(50);
  const size = Math.max(30, minimum);
  await page.getByRole('textbox', { name: 'Items to audit' }).fill(String(size));
  await page.getByRole('button', { name: `Audit ${size} items` }).click();

  const banner = page.getByRole('region', { name: 'Audit', exact: true });
  await banner.getByText(`0 of ${size}`).waitFor();
  await page.getByText('Hidden here, so that your answer is your own.').waitFor();
  for (let answered = 0, before = ''; answered < size; answered++) {
    const item = page.getByRole('group', { name: /^Item mail-/ }).and(page.locator(`:not([aria-label="${before}"])`));
    before = (await item.getAttribute('aria-label', { timeout: 60_000 })) ?? '';
    await page.keyboard.press(isSpam(Number(before.replace('Item mail-', ''))) ? '2' : '1');
    await page.keyboard.press('Enter');
  }
  await page.getByRole('heading', { name: 'Certified' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Open Quality' }).click();
  await page.getByText(/^Of \d+ accepted labels at most 20.0 % are wrong$/).waitFor();
  await checkAccess(page);

  const [audit] = await client.listAudits({ params: { project } });
  expect(audit).toMatchObject({ state: 'certified', answered: size });
  const { certificate } = await client.getOverview({ params: { project } });
  const text = certificate?.text ?? 'none';
  expect(text).toMatch(/^of \d+ accepted labels at most 20\.0 % are wrong, with 95 % confidence, \d+ audited$/);
  await page.goto(`${server.url}/projects/${project}/overview`);
  await page.getByText(text).waitFor();
  await page.goto(`${server.url}/projects/${project}/export`);
  await page.getByText(text).waitFor();
  await page.getByRole('button', { name: /^Create version/ }).click();
  await page.getByRole('button', { name: 'Data set card of version 1' }).click({ timeout: 60_000 });
  await page.getByText(`Certified: ${text}`, { exact: false }).last().waitFor();
  expect(faults).toEqual([]);
  await page.context().close();
});

it.each(['light', 'dark'] as const)('Quality in %s: every tab, at every width, without a fault', async (colorScheme) => {
  for (const viewport of [
    { width: 1280, height: 720 },
    { width: 390, height: 844 },
  ]) {
    const { page, faults } = await openPage(browser, `${server.url}/projects/${project}/quality`, {
      viewport,
      colorScheme,
      bypassCSP: true,
    });
    for (const tab of ['Certificate', 'Agreement', 'Accuracy', 'Suspects', 'Gold']) {
      await page.getByRole('tab', { name: tab }).click();
      await sleep(800);
      await checkAccess(page);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
    }
    expect(faults).toEqual([]);
    await page.context().close();
  }
});
