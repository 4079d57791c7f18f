import { parentPort } from 'node:worker_threads';
import { type Answerer, Sample } from '@labelwright/core/labelers/labeler';
import { checkOptions } from '@labelwright/core/model/about';
import type { Explanation } from '@labelwright/core/model/vote';
import { foldOf } from '@labelwright/core/pipeline/cross-fit';
import { labelers as techniques } from '@labelwright/engine/labelers';
import type { ExplainedLabeler, ExplainReply, ExplainTask } from './explain-task.ts';

interface Prepared {
  readonly answerers: readonly Answerer[];
  readonly seed: number;
}

/** By key. What cannot be prepared (any more) explains nothing. */
const prepared = new Map<string, Promise<Prepared | undefined>>();

async function prepare({ use, with: given, question, models, seed }: ExplainedLabeler): Promise<Prepared | undefined> {
  const technique = techniques.find(({ name }) => name === use);
  if (!technique) return undefined;
  const options: unknown = checkOptions(technique, given);
  const answerers: Answerer[] = [];
  for (const model of models) answerers.push(await technique.prepare({ question, options, model }));
  return { answerers, seed };
}

async function explain({ item, labelers }: ExplainTask): Promise<(Explanation | null)[]> {
  const sample = new Sample(item);
  return Promise.all(
    labelers.map(async (key) => {
      const found = await prepared.get(key);
      if (!found || found.answerers.length === 0) return null;
      const { answerers, seed } = found;
      const answerer = answerers[answerers.length === 1 ? 0 : foldOf(item.id, answerers.length, seed)];
      return answerer.explain?.(sample) ?? null;
    }),
  );
}

async function take(task: ExplainTask): Promise<void> {
  for (const labeler of task.define)
    if (!prepared.has(labeler.key))
      prepared.set(
        labeler.key,
        prepare(labeler).catch(() => undefined),
      );
  for (const key of task.forget) {
    void dispose(prepared.get(key));
    prepared.delete(key);
  }
  const explanations = await explain(task).catch(() => task.labelers.map(() => null));
  const reply: ExplainReply = { id: task.id, explanations };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
  parentPort?.postMessage(reply);
}

async function dispose(known: Promise<Prepared | undefined> | undefined): Promise<void> {
  const found = await known;
  found?.answerers.forEach((answerer) => answerer.dispose?.());
}

parentPort?.on('message', (task: ExplainTask) => void take(task));
