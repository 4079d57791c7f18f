import { type AnswerColumn, firstAnswer } from '@labelwright/core/model/answer-column';
import type { LabelerId, LabelId } from '@labelwright/core/model/ids';
import { sql } from 'kysely';
import type { Db } from '../context.ts';
import { AnswerList } from './answer-chunks.ts';

export interface PersonVotes {
  readonly person: number;
  readonly name: string;
  readonly ordinals: readonly number[];
  readonly labels: readonly (readonly LabelId[])[];
}

export const personLabeler = (person: number) => `person:${person}` as LabelerId;

interface Row {
  readonly person: number;
  readonly name: string;
  readonly ordinal: number;
  readonly labels: LabelId[];
}

/** What people say at present about a question. @param below only of items before this ordinal  @param ordinals only of these items */
export async function peoplesVotes(
  db: Db,
  project: number,
  question: string,
  { below, ordinals }: { readonly below?: number; readonly ordinals?: readonly number[] },
): Promise<PersonVotes[]> {
  const { rows } = await sql<Row>`
    select a.person_id as person, p.name, a.ordinal, a.labels from current_answers a join people p on p.id = a.person_id
    where a.project_id = ${project} and a.question = ${question} and a.kind = 'answer' and a.labels is not null
      ${below === undefined ? sql`` : sql`and a.ordinal < ${below}`}
      ${ordinals === undefined ? sql`` : sql`and a.ordinal = any(${ordinals}::int[])`}
    order by a.person_id, a.ordinal`.execute(db);
  const people = new Map<number, { person: number; name: string; ordinals: number[]; labels: (readonly LabelId[])[] }>();
  for (const { person, name, ordinal, labels } of rows) {
    let votes = people.get(person);
    if (!votes) people.set(person, (votes = { person, name, ordinals: [], labels: [] }));
    votes.ordinals.push(ordinal);
    votes.labels.push(labels);
  }
  return [...people.values()];
}

/** A person as a labeler: silent where nobody asked, and a label that they leave out they deny. */
export function personColumn({ person, ordinals, labels }: PersonVotes, n: number): AnswerColumn {
  const codes = new Uint16Array(n);
  const answers = new AnswerList();
  ordinals.forEach((ordinal, at) => {
    codes[ordinal] = firstAnswer + answers.numberOf(labels[at]);
  });
  return { labeler: personLabeler(person), silence: 'unasked', complete: true, codes, answers: answers.list };
}

/** What most people say, where one answer has more than any other. @param without one of them */
export function agreedAnswers(people: readonly PersonVotes[], without?: number): Map<number, readonly LabelId[]> {
  const counts = new Map<number, Map<string, { readonly labels: readonly LabelId[]; count: number }>>();
  for (const { person, ordinals, labels } of people) {
    if (person === without) continue;
    ordinals.forEach((ordinal, at) => {
      const said = counts.get(ordinal) ?? new Map<string, { readonly labels: readonly LabelId[]; count: number }>();
      const key = [...labels[at]].sort().join('\n');
      const known = said.get(key);
      if (known) known.count += 1;
      else said.set(key, { labels: labels[at], count: 1 });
      counts.set(ordinal, said);
    });
  }
  const agreed = new Map<number, readonly LabelId[]>();
  for (const [ordinal, said] of counts) {
    const [most, second] = [...said.values()].sort((a, b) => b.count - a.count);
    if (most.count > (second?.count ?? 0)) agreed.set(ordinal, most.labels);
  }
  return agreed;
}
