import { type Answer, abstain, answerOf } from '../model/answer.ts';
import { labelIds, type Question } from '../model/schema.ts';
import { abstention, type LlmOpinion, type OpinionOrFault } from './llm-output.ts';
import { tokenConfidence } from './llm-confidence.ts';
import type { LlmReply } from './llm-exchange.ts';

export const confidenceSources = ['auto', 'log-probabilities', 'self-consistency', 'stated', 'none'] as const;
export type ConfidenceSource = (typeof confidenceSources)[number];

interface Sampled {
  readonly opinion: LlmOpinion;
  readonly reply: LlmReply;
}

/** One answer from independent samples: what most of them say (ties: what was said first). Failed samples say nothing; all failed is failed.
 *  X. Wang, J. Wei et al. (2023), Self-Consistency Improves Chain of Thought Reasoning in Language Models, arXiv:2203.11171. */
export function answerFromSamples(
  samples: readonly { readonly said: OpinionOrFault; readonly reply: LlmReply }[],
  question: Question,
  source: ConfidenceSource,
): Answer {
  const opinions = samples.flatMap(({ said, reply }): Sampled[] => ('kind' in said ? [] : [{ opinion: said, reply }]));
  if (opinions.length === 0) return samples.map(({ said }) => said).find((said) => 'kind' in said) ?? missing;
  const camps = new Map<string, Sampled[]>();
  for (const sampled of opinions) {
    const key = sampled.opinion.labels?.join(' ') ?? 'no opinion';
    camps.set(key, [...(camps.get(key) ?? []), sampled]);
  }
  const largest = [...camps.values()].reduce((best, camp) => (camp.length > best.length ? camp : best));
  const { labels } = largest[0].opinion;
  if (labels === undefined) return abstain;
  const known = labelIds(question);
  return answerOf(
    labels.map((c) => known[c]),
    rounded(confidenceOf(source, largest, opinions.length, question)),
  );
}

const missing: Answer = { kind: 'failed', reason: 'missing: there is no reply' };

/** `auto`: agreement where there are several samples, else log probabilities, else what the model states. */
function confidenceOf(source: ConfidenceSource, camp: readonly Sampled[], count: number, question: Question): number | undefined {
  if (source === 'none') return undefined;
  if (source === 'self-consistency' || (source === 'auto' && count > 1)) return camp.length / count;
  const stated = mean(camp.map(({ opinion }) => opinion.stated));
  if (source === 'stated') return stated;
  const choices = [...labelIds(question), abstention(question)];
  const key = question.multiple ? 'labels' : 'label';
  const ofTokens = mean(camp.map(({ opinion, reply }) => tokenConfidence(reply, key, opinion.place, choices)));
  return source === 'log-probabilities' ? ofTokens : (ofTokens ?? stated);
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function rounded(confidence: number | undefined): number | undefined {
  return confidence === undefined ? undefined : Math.round(confidence * 1e6) / 1e6;
}
