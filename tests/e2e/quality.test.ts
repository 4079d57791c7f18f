import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPage } from './browser.ts';
import { checkAccess, importItems, type Product, startProduct, until } from './product-server.ts';

let product: Product;
let project: number;

/** One in twenty is about a meeting and spam all the same: what the rules cannot know. */
const isSpam = (i: number): boolean => i % 3 === 0 || i % 20 === 10;
const texts = Array.from({ length: 60 }, (_, i) => ({
  id: `mail-${i}`,
  text: i % 3 === 0 ? `Win a free prize ${i}` : `Re: the meeting ${i}`,
}));

beforeAll(async () => {
  product = await startProduct();
  project = await seed();
});

afterAll(() => product?.close());

/** Rules that are sure of everything, and a run. */
async function seed(): Promise<number> {
  const labels = [{ id: 'ham' }, { id: 'spam' }];
  const question = { kind: 'choice' as const, id: 'kind', title: 'Is this mail spam?', labels, multiple: false };
  const settings = { textFields: ['text'], targetError: 0.2 };
  const { id } = await product.client.createProject({ body: { name: 'Mails', schema: { questions: [question] }, settings } });
  await importItems(product.client, id, texts);
  const rules = [
    ['prizes', 'prize', 'spam'],
    ['free', 'free', 'spam'],
    ['wins', 'win', 'spam'],
    ['meetings', 'meeting', 'ham'],
    ['replies', 're', 'ham'],
    ['the', 'the', 'ham'],
  ];
  for (const [name, word, label] of rules)
    await product.client.createLabeler({ params: { project: id }, body: { name, use: 'keywords', with: { words: [word], label } } });
  const run = await product.client.startRun({ params: { project: id }, body: {} });
  await until(async () => (await product.client.getRun({ params: { project: id, run: run.id } })).state === 'done');
  return id;
}

it('from "not certified" through a blind audit by keyboard to a certificate on every screen and in the card', async () => {
  const { page, faults } = await openPage(product.browser, `${product.url}/projects/${project}/quality`, {
    viewport: { width: 1280, height: 720 },
    bypassCSP: true,
  });
  await page.getByText('Not certified', { exact: true }).waitFor();
  await checkAccess(page);
  const { pool, minimum } = await product.client.planAudit({ params: { project } });
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

  const [audit] = await product.client.listAudits({ params: { project } });
  expect(audit).toMatchObject({ state: 'certified', answered: size });
  const { certificate } = await product.client.getOverview({ params: { project } });
  const text = certificate?.text ?? 'none';
  expect(text).toMatch(/^of \d+ accepted labels at most 20\.0 % are wrong, with 95 % confidence, \d+ audited$/);
  await page.goto(`${product.url}/projects/${project}/overview`);
  await page.getByText(text).waitFor();
  await page.goto(`${product.url}/projects/${project}/export`);
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
    const { page, faults } = await openPage(product.browser, `${product.url}/projects/${project}/quality`, {
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
