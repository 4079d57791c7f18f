import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@labelwright/contract/client';
import type { SchemaJson } from '@labelwright/contract/schema';
import { type RunningServer, startServer } from '@labelwright/server/main';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../cli/run-cli.ts';
import { launchBrowser } from './browser.ts';

/** A payload that would run in every place where text becomes HTML. */
const payload = `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
const account = { name: `Ada ${payload}`, email: 'ada@example.org', password: 'a-long-quiet-evening' };
const data = mkdtempSync(join(tmpdir(), 'labelwright-e2e-faults-'));
const schema: SchemaJson = {
  questions: [{ kind: 'choice', id: 'kind', title: 'Kind', labels: [{ id: 'ham' }, { id: 'spam' }], multiple: false }],
};

let browser: Browser;
let server: RunningServer;
let client: Client;

beforeAll(async () => {
  browser = await launchBrowser();
  const lines: string[] = [];
  server = await startServer({
    dataDirectory: data,
    port: 0,
    accounts: true,
    web: join(root, 'packages/web/dist'),
    sample: false,
    print: (line) => void lines.push(line),
    environment: { ...process.env, DATABASE_URL: undefined, LABELWRIGHT_LOG: 'silent' },
  });
  const key = /setup\?key=([\w-]+)/.exec(lines.join('\n'))?.[1] ?? '';
  await createClient({ baseUrl: server.url }).setup({ body: { ...account, key } });
});

beforeEach(async () => {
  const { cookie, csrf } = await signIn();
  client = createClient({ baseUrl: server.url, headers: () => ({ cookie, 'x-csrf-token': csrf }) });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(data, { recursive: true, force: true, maxRetries: 3 });
});

async function signIn(): Promise<{ cookie: string; csrf: string }> {
  const response = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: account.email, password: account.password }),
  });
  const { csrf } = (await response.json()) as { csrf: string };
  return { cookie: (response.headers.get('set-cookie') ?? '').split(';')[0], csrf };
}

/** A browser of its own, signed in. */
async function newBrowser(): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const [name, value] = (await signIn()).cookie.split('=');
  await context.addCookies([{ name, value, url: server.url }]);
  return context;
}

async function newProject(name: string, items: readonly { id: string; text: string }[], given: SchemaJson = schema): Promise<number> {
  const { id: project } = await client.createProject({ body: { name, schema: given, settings: { textFields: ['text'] } } });
  const bytes = new TextEncoder().encode(items.map((item) => JSON.stringify(item)).join('\n'));
  const { id } = await client.createImport({ params: { project }, body: { fileName: `${name}.jsonl`, sizeBytes: bytes.length } });
  const params = { project, import: id };
  await client.uploadChunk({ params, query: { offset: 0 } }, { raw: bytes });
  await client.startImport({ params, body: {} });
  await until(async () => (await client.getImport({ params })).state === 'done');
  return project;
}

const mails = Array.from({ length: 40 }, (_, n) => ({ id: `mail-${n}`, text: `This is mail number ${n}.` }));

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300 && !(await isSo()); i++) await sleep(100);
  expect(await isSo()).toBe(true);
}

async function openDesk(context: BrowserContext, project: number): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.url}/projects/${project}/label`);
  await page.getByRole('button', { name: /^Submit/ }).waitFor();
  await page
    .getByText(/This is mail number/)
    .first()
    .waitFor();
  return page;
}

/** The mail on the desk. */
async function shown(page: Page): Promise<number> {
  const text = await page
    .getByText(/This is mail number \d+\./)
    .first()
    .textContent();
  return Number(/\d+/.exec(text ?? '')?.[0]);
}

/** Answers the mail on the desk by keyboard. @returns which one that was, once there is another */
async function answer(page: Page, key: '1' | '2'): Promise<number> {
  const ordinal = await shown(page);
  await page.keyboard.press(key);
  await page.keyboard.press('Enter');
  for (let i = 0; i < 100 && (await page.getByText(`This is mail number ${ordinal}.`).count()) > 0; i++) await sleep(50);
  return ordinal;
}

interface Entry {
  readonly ordinal: number;
  readonly kind: string;
  readonly labels: readonly string[] | null;
}

const historyOf = (project: number) =>
  server.context.db
    .selectFrom('answers')
    .select(['ordinal', 'kind', 'labels'])
    .where('project_id', '=', project)
    .orderBy('created_at')
    .orderBy('version')
    .execute() as Promise<Entry[]>;

const said = (entries: readonly Entry[]) => entries.map(({ ordinal, kind, labels }) => `${ordinal}:${labels?.join('+') ?? kind}`);

describe('what a person did is kept', () => {
  it('P69: a burst while offline, corrections among it, is stored once, in order, when the network is back', async () => {
    const project = await newProject('offline', mails);
    const context = await newBrowser();
    const page = await openDesk(context, project);
    const done = [await answer(page, '1')];
    await expect.poll(() => historyOf(project)).toHaveLength(1);
    await context.setOffline(true);
    for (const key of ['2', '1', '2', '2'] as const) done.push(await answer(page, key));
    await page.getByText(/offline.*4 waiting/).waitFor();
    await page.keyboard.press('Control+z');
    await page.getByText(`This is mail number ${done[4]}.`).first().waitFor();
    done.push(await answer(page, '1'));
    expect(await historyOf(project)).toHaveLength(1);
    await context.setOffline(false);
    await page.getByText('● saved').waitFor({ timeout: 30_000 });
    const labels = ['ham', 'spam', 'ham', 'spam'];
    const before = done.slice(0, 4).map((ordinal, at) => `${ordinal}:${labels[at]}`);
    const history = said(await historyOf(project));
    expect(history.slice(0, 4)).toEqual(before);
    expect(history.at(-1)).toBe(`${done[4]}:ham`);
    // Nothing twice: of the last item, at most what was said, taken back, and said again.
    expect([5, 7]).toContain(history.length);
    expect(await page.getByText(/needs? a look/).count()).toBe(0);
    await context.close();
  });

  it('P71: two tabs at one queue: each answer is stored once, and what was said last holds', async () => {
    const project = await newProject('tabs', mails);
    const context = await newBrowser();
    const tabs = [await openDesk(context, project), await openDesk(context, project)];
    const done: string[] = [];
    for (let round = 0; round < 3; round++)
      for (const [at, page] of tabs.entries()) {
        await page.bringToFront();
        done.push(`${await answer(page, at === 0 ? '1' : '2')}:${at === 0 ? 'ham' : 'spam'}`);
        await page.getByText('● saved').waitFor();
      }
    await until(async () => (await historyOf(project)).length === done.length);
    expect(said(await historyOf(project))).toEqual(done);
    const present = await server.context.db
      .selectFrom('current_answers')
      .select(['ordinal', 'labels'])
      .where('project_id', '=', project)
      .execute();
    const last = new Map(done.map((entry) => entry.split(':') as [string, string]));
    expect(new Map(present.map(({ ordinal, labels }) => [String(ordinal), String(labels)]))).toEqual(last);
    for (const page of tabs) expect(await page.getByText(/needs? a look/).count()).toBe(0);
    await context.close();
  });

  it('P71: a tab that is killed in the middle of a choice has it again', async () => {
    const project = await newProject('crash', mails);
    const context = await newBrowser();
    const page = await openDesk(context, project);
    const ordinal = await shown(page);
    await page.keyboard.press('2');
    await page.getByRole('radio', { name: /spam/, checked: true }).waitFor();
    await sleep(1_500);
    const crashed = new Promise<void>((resolve) => page.once('crash', () => resolve()));
    void page.goto('chrome://crash').catch(() => undefined);
    await crashed;
    const again = await openDesk(context, project);
    expect(await shown(again)).toBe(ordinal);
    await again.getByRole('radio', { name: /spam/, checked: true }).waitFor();
    expect(await historyOf(project)).toEqual([]);
    await context.close();
  });

  it('P70: the session ends in the middle of an edit: a password in place, and what was done is saved', async () => {
    const project = await newProject('session', mails);
    const context = await newBrowser();
    const page = await openDesk(context, project);
    const ordinal = await shown(page);
    await page.keyboard.press('2');
    const { id } = await server.context.db.selectFrom('people').select('id').where('email', '=', account.email).executeTakeFirstOrThrow();
    await server.context.db.deleteFrom('sessions').where('person_id', '=', id).execute();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.getByText(/Nothing is lost: one answer waits in this browser/).waitFor();
    expect(await historyOf(project)).toEqual([]);
    await dialog.locator('input[type=password]').fill('wrong, wrong, wrong');
    await dialog.getByRole('button', { name: 'Sign in and go on' }).click();
    await dialog.getByText('Email or password is wrong.').waitFor();
    await dialog.locator('input[type=password]').fill(account.password);
    await dialog.getByRole('button', { name: 'Sign in and go on' }).click();
    await page.getByText('● saved').waitFor();
    expect(said(await historyOf(project))).toEqual([`${ordinal}:spam`]);
    const next = await answer(page, '1');
    expect(next).not.toBe(ordinal);
    await until(async () => (await historyOf(project)).length === 2);
    await context.close();
  });
});

it('P51, P52: what users write is text on every page, in Markdown as well; nothing runs, nothing is sent anywhere', async () => {
  const guidelines = `# Rules ${payload}\n\n[a link](javascript:window.hacked=1) <iframe src="https://evil.example"></iframe> <form action="https://evil.example"><input name="q"></form>\n\n![x](https://evil.example/x.png)`;
  const project = await newProject(
    `Mails ${payload}`.slice(0, 100),
    [
      { id: `mail ${payload}`, text: `Hello ${payload}`, [`key ${payload}`]: payload } as { id: string; text: string },
      { id: 'html', text: '<form action="https://evil.example"><button autofocus onfocus="window.hacked=1">Go</button></form>' },
    ],
    {
      questions: [
        {
          kind: 'choice',
          id: 'kind',
          title: `Kind ${payload}`,
          labels: [{ id: 'ham', title: `Ham ${payload}` }, { id: 'spam' }],
          multiple: false,
        },
      ],
    },
  );
  const { settings, version } = await client.getProject({ params: { project } });
  await client.updateProject({ params: { project }, body: { version, settings: { ...settings, guidelines } } });
  await client.createLabeler({
    params: { project },
    body: { name: `rule ${payload}`, use: 'keywords', with: { words: ['hello'], label: 'ham' } },
  });
  const { id: run } = await client.startRun({ params: { project }, body: {} });
  await until(async () => (await client.getRun({ params: { project, run } })).state === 'done');
  await client.addComment({ params: { project, ordinal: 0 }, body: { action: crypto.randomUUID(), text: payload } });
  const context = await newBrowser();
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('dialog', (dialog) => void dialog.dismiss().then(() => faults.push('a dialog opened')));
  page.on('request', (request) => request.url().startsWith(server.url) || faults.push(`asked ${request.url()}`));
  const paths = ['overview', 'label', 'label?item=0', 'labelers', 'explore', 'explore?item=0', 'runs', 'export', 'settings', 'import'];
  for (const path of ['/', '/people', ...paths.map((name) => `/projects/${project}/${name}`)]) {
    await page.goto(`${server.url}${path}`);
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await sleep(300);
    expect(await page.evaluate('window.hacked'), path).toBeUndefined();
    expect(await page.locator('iframe, main form[action], a[href^="javascript:"]').count(), path).toBe(0);
  }
  expect(faults).toEqual([]);
  await context.close();
});
