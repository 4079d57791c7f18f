import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Sample } from '@labelwright/core/labelers/labeler';
import { createRandom } from '@labelwright/core/math/random';
import { checkOptions } from '@labelwright/core/model/about';
import { labelsOf } from '@labelwright/core/model/answer';
import { itemId, labelId, questionId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import { labelers } from '@labelwright/engine/labelers';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../docs/labelers');

interface Example {
  readonly use: string;
  readonly with: unknown;
  /** Fields, and what is answered: `answer` (a label, several, null for none) or `failed`; `learn`: the label that is taught. */
  readonly items: readonly Record<string, Json>[];
}

/** A yaml block that says `use`, followed by a block of items with their answers. */
function examplesOf(page: string): Example[] {
  const blocks = /```yaml\n(use: [\s\S]*?)```\n\n```jsonl\n([\s\S]*?)```/g;
  return [...page.matchAll(blocks)].map(([, yaml, lines]) => ({
    ...(parse(yaml) as Pick<Example, 'use' | 'with'>),
    items: lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, Json>),
  }));
}

function sampleOf({ answer: _answer, failed: _failed, learn: _learn, ...fields }: Record<string, Json>, index: number): Sample {
  const content = typeof fields.text === 'string' ? fields.text : '';
  return new Sample({ id: itemId(index + 1), parts: { text: { modality: 'text', content } }, fields });
}

const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));

describe.each(pages)('docs/labelers/%s', (page) => {
  const examples = examplesOf(readFileSync(join(folder, page), 'utf8'));

  test('has an example that runs as written', async () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const { use, with: given, items } of examples) {
      const labeler = labelers.find(({ name }) => name === use);
      if (!labeler) throw new Error(`there is no labeler '${use}'`);
      const question = {
        kind: 'choice' as const,
        id: questionId('kind'),
        title: 'Kind',
        labels: ['spam', 'ham', 'ads'].map((id) => ({ id: labelId(id) })),
        multiple: items.some(({ answer }) => Array.isArray(answer)),
      };
      const options: unknown = checkOptions(labeler, given);
      const labels = question.labels.map(({ id }) => id);
      const taught = items.filter(({ learn }) => learn !== undefined);
      const posterior = Float64Array.from(taught.flatMap(({ learn }) => labels.map((label) => (label === learn ? 1 : 0))));
      const training = { samples: taught.map(sampleOf), labels, posterior };
      const model: unknown = labeler.learn?.(training, options, createRandom(0)) ?? null;
      const answerer = await labeler.prepare({ question, options, model });
      const asked = items.filter(({ learn }) => learn === undefined);
      const outcomes = asked.map((given, index) => {
        const said = answerer.answer(sampleOf(given, index));
        if (said.kind === 'failed') return { failed: said.reason };
        const labels = labelsOf(said);
        return { answer: said.kind === 'abstain' ? null : labels.length === 1 ? labels[0] : labels };
      });
      expect(outcomes).toEqual(asked.map(({ answer, failed }) => (failed === undefined ? { answer } : { failed })));
      answerer.dispose?.();
    }
  });
});
