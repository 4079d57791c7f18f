import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderWith, labelwright } from '../cli/run-cli.ts';
import { launchBrowser, openPage } from './browser.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const nasty = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

function makeReport(): string {
  const folder = folderWith({
    'items.jsonl': [
      { id: 'plain', text: 'a free prize, said the reply' },
      { id: nasty.slice(0, 40), text: `free ${nasty} reply` },
      { id: 'rtl', text: 'free פרס 💩 reply' },
      { id: 'none', text: 'nothing' },
    ]
      .map((item) => JSON.stringify(item))
      .join('\n'),
    'project.yaml': `
name: '${nasty}'
items: { file: items.jsonl, text: text }
question: { id: q, title: 'Spam? ${nasty}', labels: [ham, spam] }
labelers:
  - { id: free, use: keywords, with: { label: spam, words: [free] } }
  - { id: reply, use: regex, with: { label: ham, pattern: 'reply' } }
output: out
`,
  });
  expect(labelwright(['label', 'project.yaml'], folder).status).toBe(0);
  return pathToFileURL(join(folder, 'out/report.html')).href;
}

describe('report.html in a real browser', () => {
  it.each(['light', 'dark'] as const)(
    'shows the run in %s, without scripts, nothing of the items as markup, readable by everybody',
    async (colorScheme) => {
      const { page, faults } = await openPage(browser, makeReport(), { colorScheme });
      expect(await page.title()).toContain('<img src=x');
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(nasty);
      expect(await page.locator('img, script').count()).toBe(0);
      const rows = page.getByRole('table').first().getByRole('row');
      expect(await rows.count()).toBe(3);
      const marks = await page.locator('details[open] mark').allInnerTexts();
      expect(marks).toEqual(expect.arrayContaining(['free', 'reply']));
      expect(await page.locator('svg').count()).toBeGreaterThanOrEqual(2);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect(overflow).toBeLessThanOrEqual(0);
      expect(faults).toEqual([]);
      const url = page.url();
      await page.context().close();
      // The checker is a script, which the page's own policy forbids.
      const checked = await openPage(browser, url, { colorScheme, bypassCSP: true });
      await checked.page.addScriptTag({ content: axe });
      const { violations } = await checked.page.evaluate<{
        violations: { id: string; nodes: { html: string }[] }[];
      }>("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })");
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      await checked.page.context().close();
    },
  );

  it('fits a phone', async () => {
    const { page } = await openPage(browser, makeReport(), { viewport: { width: 390, height: 844 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.context().close();
  });
});
