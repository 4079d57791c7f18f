import { askedLabelers } from '@labelwright/core/labelers/index';
import { checkOptions } from '@labelwright/core/model/about';
import { CoreError } from '@labelwright/core/model/errors';
import { itemId, labelerId, labelId, questionId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import type { Question } from '@labelwright/core/model/schema';
import { openProvider } from '../providers/open-provider.ts';
import type { Inquiry } from './ask-items.ts';

export const yesOrNo: Question = {
  kind: 'choice',
  id: questionId('q'),
  title: 'Is it?',
  labels: [{ id: labelId('yes') }, { id: labelId('no') }],
  multiple: false,
};

export const prices = { inputUsd: 1, cachedInputUsd: 0.5, outputUsd: 4 };

/** `llm-prompt` asking the fake server at `url`: for tests. */
export async function inquiryTo(url: string, options: Readonly<Record<string, unknown>> = {}, timeoutSeconds = 5): Promise<Inquiry> {
  const technique = askedLabelers.find(({ name }) => name === 'llm-prompt');
  if (!technique) throw new CoreError('unknown-technique', 'there is no llm-prompt');
  const connection = { provider: 'openai-compatible', baseUrl: `${url}/v1`, allowPrivate: true, timeoutSeconds } as const;
  return {
    labeler: labelerId('llm'),
    technique,
    options: checkOptions(technique, { connection: 'local', model: 'fake-1', ...options }) as Inquiry['options'],
    question: yesOrNo,
    provider: await openProvider(connection, 'fake-1'),
    prices,
    depends: 'fake-1',
  };
}

/** `item 0`, `item 1` …, and how far they were read. */
export function itemsUpTo(n: number, onRead: (count: number) => void = () => undefined): AsyncIterable<Item> {
  return textsOf(
    Array.from({ length: n }, (_, i) => `item ${i}`),
    onRead,
  );
}

export async function* textsOf(texts: Iterable<string>, onRead: (count: number) => void = () => undefined): AsyncGenerator<Item> {
  let count = 0;
  for (const content of texts) {
    count += 1;
    onRead(count);
    await Promise.resolve();
    yield { id: itemId(`id ${count}`), parts: { text: { modality: 'text', content } }, fields: {} };
  }
}
