import { abstain, type Annotation, type Answer, failed } from '../model/answer.ts';
import { reasonOf } from '../model/errors.ts';
import { type ItemId, labelerId, labelId, questionId } from '../model/ids.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import type { Explanation, Vote } from '../model/vote.ts';
import { isObject } from './json-values.ts';

/** The question of a vote that names none. */
export const defaultQuestion = 'label';

/** A vote as JSON: `{ question, labeler, label }`, with `labels` for several or none, `annotations` where they have regions or attributes,
 *  `abstain: true` or `failed: reason` in their place, and `confidence`, `explanation`, `costUsd`, `seconds`, `time` where there are any. */
export function voteToJson(vote: Vote): JsonObject {
  const { item: _, answer, ...rest } = vote;
  const { question, labeler, ...details } = rest;
  return { question, labeler, ...answerToJson(answer), ...(details as JsonObject) };
}

function answerToJson(answer: Answer): JsonObject {
  if (answer.kind === 'abstain') return { abstain: true };
  if (answer.kind === 'failed') return { failed: answer.reason };
  const { annotations } = answer;
  const confidence = answer.confidence === undefined ? {} : { confidence: answer.confidence };
  const bare = annotations.every((annotation) => annotation.region === undefined && annotation.attributes === undefined);
  if (!bare) return { annotations: annotations as unknown as Json, ...confidence };
  const labels = annotations.map((annotation) => annotation.label);
  return labels.length === 1 ? { label: labels[0], ...confidence } : { labels, ...confidence };
}

/** Whether a field called `votes` holds votes; a number of votes, or a list of anything else, is a field like others. */
export function looksLikeVotes(value: Json | undefined): value is readonly JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every((vote) => isObject(vote) && typeof vote.labeler === 'string');
}

/** The votes of one record; one that does not parse is reported by its place, and the others are kept. */
export function votesFromJson(given: readonly JsonObject[], item: ItemId, report: (problem: Problem) => void): Vote[] {
  const votes: Vote[] = [];
  for (const [index, vote] of given.entries()) {
    try {
      votes.push(voteFromJson(vote, item));
    } catch (error) {
      report({ key: `votes.${index}`, message: `${reasonOf(error)}: this vote is left out` });
    }
  }
  return votes;
}

function voteFromJson(given: JsonObject, item: ItemId): Vote {
  const { labeler, question, explanation, costUsd, seconds, time } = given;
  return {
    item,
    labeler: labelerId(labeler),
    question: questionId(question ?? defaultQuestion),
    answer: answerFromJson(given),
    ...(explanation !== undefined && { explanation: explanationOf(explanation) }),
    ...(costUsd !== undefined && { costUsd: numberOf('costUsd', costUsd) }),
    ...(seconds !== undefined && { seconds: numberOf('seconds', seconds) }),
    ...(typeof time === 'string' && { time }),
  };
}

function answerFromJson(given: JsonObject): Answer {
  if (given.abstain === true) return abstain;
  if (typeof given.failed === 'string') return failed(given.failed);
  const { confidence } = given;
  const sure = confidence === undefined || confidence === null ? {} : { confidence: confidenceOf(confidence) };
  return { kind: 'labels', annotations: annotationsOf(given), ...sure };
}

function annotationsOf(given: JsonObject): Annotation[] {
  if (Array.isArray(given.annotations)) return given.annotations.map(annotationOf);
  if (Array.isArray(given.labels)) return given.labels.map((label) => ({ label: labelId(label) }));
  if (given.label === undefined) throw new Error('has none of label, labels, annotations, abstain, failed');
  return [{ label: labelId(given.label) }];
}

function annotationOf(given: Json): Annotation {
  if (!isObject(given)) throw new Error('annotations must be objects with a label');
  const { label, region, attributes } = given;
  return { label: labelId(label), ...(region !== undefined && { region }), ...(isObject(attributes) && { attributes }) };
}

function explanationOf(given: Json): Explanation {
  if (isObject(given) && typeof given.reason === 'string') return given as unknown as Explanation;
  throw new Error('explanation must be an object with a reason');
}

export function confidenceOf(given: Json): number {
  const confidence = numberOf('confidence', given);
  if (confidence < 0 || confidence > 1) throw new Error(`confidence must be 0..1, got ${confidence}`);
  return confidence;
}

function numberOf(what: string, given: Json): number {
  if (typeof given === 'number') return given;
  throw new Error(`${what} must be a number, got ${JSON.stringify(given)}`);
}
