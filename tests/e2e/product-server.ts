import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@labelwright/contract/client';
import { startServer } from '@labelwright/server/main';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { root } from '../cli/run-cli.ts';
import { launchBrowser } from './browser.ts';

/** The product on a data directory of its own, and a browser to look at it. */
export interface Product {
  readonly browser: Browser;
  readonly url: string;
  /** Speaks as the single user. */
  readonly client: Client;
  readonly close: () => Promise<void>;
}

export async function startProduct(): Promise<Product> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'labelwright-e2e-'));
  const browser = await launchBrowser();
  const server = await startServer({
    dataDirectory,
    port: 0,
    web: join(root, 'packages/web/dist'),
    sample: false,
    print: () => undefined,
    environment: { ...process.env, DATABASE_URL: undefined, LABELWRIGHT_LOG: 'silent' },
  });
  let csrf = '';
  const client = createClient({ baseUrl: server.url, headers: () => ({ 'x-csrf-token': csrf }) });
  csrf = (await client.getSession({})).csrf ?? '';
  return {
    browser,
    url: server.url,
    client,
    close: async () => {
      await browser.close();
      await server.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

export async function importItems(client: Client, project: number, items: readonly object[]): Promise<void> {
  const bytes = new TextEncoder().encode(items.map((item) => JSON.stringify(item)).join('\n'));
  const { id } = await client.createImport({ params: { project }, body: { fileName: 'mails.jsonl', sizeBytes: bytes.length } });
  const params = { project, import: id };
  await client.uploadChunk({ params, query: { offset: 0 } }, { raw: bytes });
  await client.startImport({ params, body: {} });
  await until(async () => (await client.getImport({ params })).state === 'done');
}

/** Asks for up to a minute. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600 && !(await isSo()); i++) await sleep(100);
  expect(await isSo()).toBe(true);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 AA, as far as axe can tell. Evaluated, not added as a script: the content security policy would refuse that. */
export async function checkAccess(page: Page): Promise<void> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })",
  );
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)).toEqual([]);
}
