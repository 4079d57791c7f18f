import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FakeFault, type FakeLlm, startFakeLlm } from '@labelwright/engine/providers/testing/fake-llm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPage } from './browser.ts';
import { checkAccess, importItems, type Product, startProduct, until } from './product-server.ts';

const secret = 'sk-fake-0123456789abcd';

let model: FakeLlm;
let product: Product;
let project: number;

const texts = Array.from({ length: 40 }, (_, i) => ({
  id: `mail-${i}`,
  text: i % 3 === 0 ? `Win a free prize ${i}` : `Re: the meeting ${i}`,
}));

/** Asked what it thinks of answers, it doubts every one of them. */
function doubts(asked: string): FakeFault | undefined {
  if (!asked.includes('You check answers')) return undefined;
  const ids = [...new Set(Array.from(asked.matchAll(/id=\\"(\w+)\\"/g), ([, id]) => id))];
  const content = JSON.stringify({
    opinions: ids.map((id) => ({ id, own: ['ham'], reason: 'It is a meeting.', wrong: true, probability: 0.8 })),
  });
  return {
    status: 200,
    body: {
      id: 'chatcmpl-fake',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'tiny',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 200, completion_tokens: 20, total_tokens: 220 },
    },
  };
}

beforeAll(async () => {
  model = await startFakeLlm({
    label: (text) => (text.includes('prize') ? 'spam' : 'ham'),
    fault: ({ body }) => doubts(JSON.stringify(body)),
  });
  product = await startProduct();
  const labels = [{ id: 'ham' }, { id: 'spam' }];
  const question = { kind: 'choice' as const, id: 'kind', title: 'Is this mail spam?', labels, multiple: false };
  const settings = { textFields: ['text'], targetError: 0.2 };
  project = (await product.client.createProject({ body: { name: 'Mails', schema: { questions: [question] }, settings } })).id;
  await importItems(product.client, project, texts);
});

afterAll(async () => {
  await product?.close();
  await model?.close();
});

it('a model of one’s own: connect, write, see prompt and price, ask, evidence at the item, the spending', async () => {
  const at = `${product.url}/projects/${project}`;
  const { page, faults } = await openPage(product.browser, `${at}/settings?tab=connections`, {
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
  expect(await product.client.listAskings({ params: { project } })).toEqual([]);
  await page.getByRole('button', { name: /^Ask, for at most \$/ }).click();
  await page.getByText('40 of 40 items').waitFor({ timeout: 60_000 });
  await shot('asked');
  await until(async () => (await product.client.listRuns({ params: { project } }))[0]?.state === 'done');

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
  const { usd } = await product.client.getSpending({ params: { project } });
  expect(usd).toBeGreaterThan(0);
  for (const tab of ['confidence', 'compare', 'improve', 'slices']) {
    await page.goto(`${at}/labelers?look=1&tab=${tab}`);
    await sleep(600);
    await shot(tab);
  }

  for (let ordinal = 0; ordinal < 4; ordinal++) {
    const body = { action: randomUUID(), ordinal, base: 0, seconds: 1, kind: 'answer' as const, labels: ['spam'] };
    await product.client.submitAnswer({ params: { project }, body });
  }
  await page.goto(`${at}/labelers?look=1&tab=opinions`);
  await page.getByRole('button', { name: 'Ask about 40 answers' }).click();
  await page.getByRole('table', { name: 'Doubts' }).getByText('It is a meeting.').first().waitFor();
  await shot('opinions');
  await checkAccess(page);
  await page
    .getByRole('button', { name: /^Send .* to review$/ })
    .first()
    .click();
  await page.getByRole('button', { name: /^Send .* to review$/, disabled: true }).waitFor();
  await until(async () => (await product.client.queryItems({ params: { project }, body: { filter: { flagged: true } } })).total === 1);
  expect(faults).toEqual([]);
  await page.context().close();
}, 180_000);
