import type { Json, JsonObject } from '../model/json.ts';
import type { ChoiceQuestion } from '../model/schema.ts';
import type { Vote } from '../model/vote.ts';
import type { Entry } from './format.ts';
import { timeOf } from './label-studio-reading.ts';
import { controlOf, goldLabeler, pathOf, personPrefix, unknownPerson } from './label-studio-task.ts';
import type { Losses } from './losses.ts';
import { freeName, renamedLoss } from './table-writing.ts';

/** A task that Label Studio imports. The id travels in the data: Label Studio numbers tasks itself. */
export function taskToJson(entry: Entry, questions: readonly ChoiceQuestion[], losses: Losses): JsonObject {
  const groups = new Map<string, Vote[]>();
  for (const vote of entry.votes) {
    if (!isWritable(vote, losses)) continue;
    const { labeler, answer, time, seconds } = vote;
    const key = JSON.stringify([
      labeler,
      answer.kind,
      answer.kind === 'labels' ? (answer.confidence ?? null) : null,
      time ?? null,
      seconds ?? null,
    ]);
    const group = groups.get(key);
    // One annotation answers a question once.
    if (group && !group.some((other) => other.question === vote.question)) group.push(vote);
    else groups.set(group ? `${key}#${groups.size}` : key, [vote]);
  }
  const all = [...groups.values()];
  return {
    data: dataOf(entry, losses),
    annotations: all.filter(([vote]) => isPersons(vote)).map((votes) => annotationOf(votes, questions)),
    predictions: all.filter(([vote]) => !isPersons(vote)).map((votes) => predictionOf(votes, questions)),
  };
}

function dataOf(entry: Entry, losses: Losses): JsonObject {
  if (!Object.hasOwn(entry.fields, 'id')) return { id: entry.id, ...entry.fields };
  const name = freeName('id', new Set(Object.keys(entry.fields)));
  losses.add(renamedLoss('id', name));
  const { id, ...fields } = entry.fields;
  return { id: entry.id, ...fields, [name]: id };
}

function isPersons(vote: Vote): boolean {
  return vote.labeler === goldLabeler || (vote.labeler.startsWith(personPrefix) && vote.labeler.length > personPrefix.length);
}

/** Counts what of a vote Label Studio has no place for; false where nothing is left. */
function isWritable(vote: Vote, losses: Losses): boolean {
  const { answer } = vote;
  const lost = (what: string): false => {
    losses.addVotes(`votes: # ${what} of #l(labeler|labelers) not written: Label Studio has no place for them`, [vote]);
    return false;
  };
  if (answer.kind === 'failed') return lost('failures');
  if (answer.kind === 'abstain' && !isPersons(vote)) return lost('abstentions of computed labelers');
  if (answer.kind === 'labels' && answer.annotations.some((annotation) => annotation.region !== undefined)) return lost('votes on regions');
  if (answer.kind === 'labels' && answer.annotations.some((annotation) => annotation.attributes !== undefined)) lost('attributes of votes');
  if (vote.explanation !== undefined) lost('explanations of votes');
  if (vote.costUsd !== undefined) lost('prices of votes');
  if (vote.seconds !== undefined && !isPersons(vote)) lost('durations of computed votes');
  if (vote.time !== undefined && timeOf(vote.time) !== vote.time) lost('times that are not ISO 8601 in UTC');
  return true;
}

function annotationOf(votes: readonly Vote[], questions: readonly ChoiceQuestion[]): JsonObject {
  const [{ labeler, answer, seconds }] = votes;
  return {
    ...(labeler === goldLabeler ? { ground_truth: true } : personOf(labeler.slice(personPrefix.length))),
    was_cancelled: answer.kind === 'abstain',
    result: votes.map((vote) => resultOf(vote, questions, true)),
    ...timesOf(votes[0]),
    ...(seconds !== undefined && { lead_time: seconds }),
  };
}

function personOf(who: string): JsonObject {
  if (`${personPrefix}${who}` === unknownPerson) return {};
  const number = Number(who);
  return { completed_by: Number.isSafeInteger(number) && String(number) === who ? number : { email: who } };
}

function predictionOf(votes: readonly Vote[], questions: readonly ChoiceQuestion[]): JsonObject {
  const [{ labeler, answer }] = votes;
  return {
    model_version: labeler,
    ...(answer.kind === 'labels' && answer.confidence !== undefined && { score: answer.confidence }),
    result: votes.map((vote) => resultOf(vote, questions, false)),
    ...timesOf(votes[0]),
  };
}

function timesOf(vote: Vote): JsonObject {
  return vote.time !== undefined && timeOf(vote.time) === vote.time ? { created_at: vote.time } : {};
}

/** An abstention names its question by an empty list: Label Studio skips whole tasks, we single questions. */
function resultOf(vote: Vote, questions: readonly ChoiceQuestion[], scored: boolean): JsonObject {
  const question = questions.find((candidate) => candidate.id === vote.question);
  const control = controlOf(question);
  const { answer } = vote;
  const labels = answer.kind === 'labels' ? answer.annotations.map((annotation) => annotation.label) : [];
  const chosen: Json = control === 'taxonomy' ? labels.map((label) => pathOf(question, label)) : labels;
  return {
    from_name: vote.question,
    to_name: question?.part ?? 'text',
    type: control,
    value: { [control]: chosen },
    ...(scored && answer.kind === 'labels' && answer.confidence !== undefined && { score: answer.confidence }),
  };
}
