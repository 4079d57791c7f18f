import type { LlmReply, LlmRequest } from './llm-exchange.ts';
import { faultKind } from './llm-output.ts';

/** Longest spoiled reply that is shown back; a longer one is asked for anew. */
const longest = 20_000;

/** The one repair try: the same request with the spoiled reply and what was wrong with it. undefined where asking again would not help:
 *  the model refused, or the fault is not of the reply. What was cut off is asked again unchanged but with twice the room. */
export function repairRequest(request: LlmRequest, reply: LlmReply, reason: string): LlmRequest | undefined {
  const kind = faultKind(reason);
  if (kind === undefined || kind === 'refused') return undefined;
  if (kind === 'cut off') return { ...request, samples: 1, maxOutputTokens: 2 * request.maxOutputTokens };
  if (reply.text === '' || reply.text.length > longest) return { ...request, samples: 1 };
  return {
    ...request,
    samples: 1,
    messages: [
      ...request.messages,
      { role: 'assistant', content: [{ type: 'text', text: reply.text }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: `That reply cannot be used (${kind}). Reply again, with JSON that fits the schema and nothing else.` },
        ],
      },
    ],
  };
}
