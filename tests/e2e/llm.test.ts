import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@labelwright/contract/client';
import { type FakeLlm, startFakeLlm } from '@labelwright/engine/providers/testing/fake-llm';
import { type RunningServer, startServer } from '@labelwright/server/main';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../cli/run-cli.ts';
import { launchBrowser, openPage } from './browser.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const data = mkdtempSync(join(tmpdir(), 'labelwright-e2e-llm-'));
const secret = 'sk-fake-0123456789abcd';

let browser: Browser;
let server: RunningServer;
let model: FakeLlm;
let client: Client;
let project: number;

const texts = Array.from({ length: 40 }, (_, i) => ({
  id: `mail-${i}`,
  text: i % 3 === 0 ? `Win a free prize ${i}` : `Re: the meeting ${i}`,
}));

beforeAll(async () => {
  model = await startFakeLlm({ label: (text) => (text.includes('prize') ? 'spam' : 'ham') });
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
  const labels = [{ id: 'ham' }, { id: 'spam' }];
  const question = { kind: 'choice' as const, id: 'kind', title: 'Is this mail spam?', labels, multiple: false };
  const settings = { textFields: ['text'], targetError: 0.2 };
  project = (await client.createProject({ body: { name: 'Mails', schema: { questions: [question] }, settings } })).id;
  const bytes = new TextEncoder().encode(texts.map((item) => JSON.stringify(item)).join('\n'));
  const { id } = await client.createImport({ params: { project }, body: { fileName: 'mails.jsonl', sizeBytes: bytes.length } });
  const params = { project, import: id };
  await client.uploadChunk({ params, query: { offset: 0 } }, { raw: bytes });
  await client.startImport({ params, body: {} });
  await until(async () => (await client.getImport({ params })).state === 'done');
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await model?.close();
  rmSync(data, { recursive: true, force: true });
});

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

it('a model of one’s own: connect, write, see prompt and price, ask, evidence at the item, the spending', async () => {
  const at = `${server.url}/projects/${project}`;
  const { page, faults } = await openPage(browser, `${at}/settings?tab=connections`, {
    viewport: { width: 1280, height: 720 },
    bypassCSP: true,
  });
  const shots = process.env.LABELWRIGHT_SHOTS;
  const shot = async (name: string) => {
    if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`) });
  };

  await page.getByRole('button', { name: 'Connect a provider' }).click();
  await page.getByRole('radio', { name: 'OpenAI-compatible' }).click();
  await page.getByRole('button', { name: 'Ollama' }).click();
  await page.getByRole('textbox', { name: 'Base URL' }).fill(`${model.url}/v1`);
  await page.getByLabel('Key, where the server wants one').fill(secret);
  await page.getByRole('button', { name: 'Prices, limits, address' }).click();
  await page.getByRole('button', { name: 'Add a price' }).click();
  await page.getByRole('textbox', { name: 'Model of price 1' }).fill('*');
  await page.getByRole('textbox', { name: '*, in', exact: true }).fill('2');
  await page.getByRole('textbox', { name: '*, out', exact: true }).fill('8');
  await sleep(400);
  await shot('connect');
  await checkAccess(page);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('textbox', { name: 'Test with the model' }).fill('tiny');
  await page.getByRole('button', { name: 'Test Ollama', exact: true }).click();
  await page.getByText('It works', { exact: true }).waitFor();
  await shot('connected');
  await page.reload();
  await page.getByText('key …abcd').waitFor();
  expect(await page.content()).not.toContain(secret);

  await page.goto(`${at}/labelers?add=llm-prompt`);
  await page.getByRole('combobox', { name: 'Model' }).fill('tiny');
  await page.getByLabel('System text').getByText('Question: Is this mail spam?', { exact: false }).waitFor();
  await page.getByRole('group', { name: 'Price' }).getByText('40 items in 40 calls', { exact: false }).waitFor();
  await page.getByRole('button', { name: /^Try it on these/ }).click();
  await page.getByRole('list', { name: 'Answers' }).getByRole('listitem').nth(2).waitFor();
  await shot('editor');
  await checkAccess(page);
  await page.getByRole('button', { name: 'Add, then ask' }).click();

  await page.getByRole('button', { name: /^Ask, for at most \$/ }).waitFor();
  await shot('ask');
  await checkAccess(page);
  expect(await client.listAskings({ params: { project } })).toEqual([]);
  await page.getByRole('button', { name: /^Ask, for at most \$/ }).click();
  await page.getByText('40 of 40 items').waitFor({ timeout: 60_000 });
  await shot('asked');
  await until(async () => (await client.listRuns({ params: { project } }))[0]?.state === 'done');

  await page.goto(`${at}/label?item=0`);
  await page.getByText('tiny', { exact: true }).first().waitFor();
  await shot('workbench');
  await page.goto(`${at}/labelers`);
  await page.getByText(/^\$[\d.]+ spent$/).waitFor();
  await shot('labelers');
  await checkAccess(page);
  await page.goto(`${at}/settings?tab=spending`);
  await page.getByRole('table', { name: 'Spending by labeler' }).getByRole('link', { name: 'tiny' }).waitFor();
  await shot('spending');
  await checkAccess(page);
  const { usd } = await client.getSpending({ params: { project } });
  expect(usd).toBeGreaterThan(0);
  for (const tab of ['confidence', 'compare', 'improve', 'slices']) {
    await page.goto(`${at}/labelers?look=1&tab=${tab}`);
    await sleep(600);
    await shot(tab);
  }
  expect(faults).toEqual([]);
  await page.context().close();
}, 180_000);
