import type { Client } from '@labelwright/contract/client';
import type { Confirmation } from './outbox.ts';
import type { Action, SubmitAction } from './outbox-action.ts';

type Calls = Pick<Client, 'submitAnswer' | 'undoAnswer' | 'bulkAnswer' | 'addComment'>;

const patienceMs = 30_000;

/** One action as a call of the API. Sent again with the same id it is still one action. @throws CallError */
export async function sendAction(api: Calls, action: Action, base: number): Promise<Confirmation> {
  const params = { project: action.project };
  const options = { signal: AbortSignal.timeout(patienceMs) };
  if (action.kind === 'submit') {
    const { version, versions } = await api.submitAnswer({ params, body: submitBody(action, base) }, options);
    return { version, ...(versions && { versions }) };
  }
  if (action.kind === 'undo') {
    const { retracted, version, versions } = await api.undoAnswer(
      { params: { ...params, action: action.undoes }, body: { action: action.id } },
      options,
    );
    return { version, items: retracted, ...(versions && { versions }) };
  }
  if (action.kind === 'bulk') {
    const { question, filter, labels } = action;
    const { answered } = await api.bulkAnswer({ params, body: { action: action.id, question, filter, labels: [...labels] } }, options);
    return { version: null, items: answered };
  }
  await api.addComment({ params: { ...params, ordinal: action.ordinal }, body: { action: action.id, text: action.text } }, options);
  return { version: null };
}

function submitBody({ id, question, ordinal, audit, given, seconds, also }: SubmitAction, base: number) {
  return {
    action: id,
    question,
    ...(audit !== undefined && { audit }),
    ordinal,
    kind: given.kind,
    ...(given.kind === 'answer' && { labels: [...given.labels] }),
    ...(given.kind === 'flag' && given.note !== undefined && { note: given.note }),
    base,
    ...(also && { also: also.map((other) => ({ ...other, labels: [...other.labels] })) }),
    seconds: Math.min(86_400, Math.max(0, Math.round(seconds * 10) / 10)),
  };
}
