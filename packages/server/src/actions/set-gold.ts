import { memoryFile } from '@labelwright/core/formats/in-memory';
import { readGold } from '@labelwright/core/formats/gold';
import type { Problem } from '@labelwright/core/model/problem';
import type { Question } from '@labelwright/core/model/schema';
import { goldLabels } from '@labelwright/engine/runs/read-gold';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { answerTo, questionIn } from '../project-question.ts';
import { audit } from '../stores/audit.ts';
import { ordinalsOfIds, removeGold, type SetGold, storeGold } from '../stores/gold.ts';
import { itemExists } from '../stores/item-records.ts';
import { findProject, settingsOf } from '../stores/projects.ts';

interface OneGold {
  readonly question?: string | undefined;
  readonly ordinal: number;
  readonly labels: readonly string[] | null;
}

/** Trusted labels of an item, or none, whatever the gold field says. @throws CoreError 'unknown-label', 'bad-request' */
export async function setGold(context: Context, { person }: Member, project: number, given: OneGold): Promise<void> {
  const question = await questionOf(context, project, given.question);
  const labels = given.labels && answerTo(question, given.labels);
  if (!(await itemExists(context.db, project, given.ordinal))) throw notFound('item');
  await store(context, { project, question: question.id, person: person.id }, [{ ordinal: given.ordinal, labels }]);
}

/** The gold field holds again. */
export async function unsetGold(
  context: Context,
  { person }: Member,
  project: number,
  { question: id, ordinal }: { readonly question?: string | undefined; readonly ordinal: number },
): Promise<void> {
  const question = await questionOf(context, project, id);
  const { db, events } = context;
  await db.transaction().execute(async (transaction) => {
    if (!(await removeGold(transaction, { project, question: question.id }, ordinal))) throw notFound('gold label');
    await events.publish(transaction, project, { kind: 'gold' });
    await audit(transaction, { action: 'gold.unset', person: person.id, project, details: { question: question.id, ordinal } });
  });
}

export interface GoldImport {
  readonly set: number;
  readonly unknownItems: number;
  readonly problems: Problem[];
  readonly problemCount: number;
}

const shownProblems = 50;

/** Trusted labels from a file; what it does not name stays. One bad row stops nothing. */
export async function importGold(
  context: Context,
  { person }: Member,
  project: number,
  { question: id, fileName, content }: { readonly question?: string | undefined; readonly fileName: string; readonly content: string },
): Promise<GoldImport> {
  const row = await findProject(context.db, project);
  if (!row) throw notFound('project');
  const question = questionIn(row, id);
  const read = await readGold(memoryFile(fileName, content));
  const ordinals = await ordinalsOfIds(context.db, project, [...new Set(read.rows.map(({ item }) => item as string))]);
  const known = new Set<string>(question.labels.map((label) => label.id));
  const { goldLabels: mapping } = settingsOf(row);
  const labelsOf = new Map<number, Set<string>>();
  const problems: Problem[] = [...read.problems];
  let unknownItems = 0;
  let bad = 0;
  const lose = (line: number, message: string) => {
    bad += 1;
    problems.push({ file: fileName, line, message });
  };
  for (const { item, label, line } of read.rows) {
    const ordinal = ordinals.get(item);
    const found = goldLabels(label, known, mapping);
    if (ordinal === undefined) unknownItems += 1;
    else if (found && 'unknown' in found) lose(line, `there is no label '${found.unknown}'`);
    else if (found) {
      const labels = labelsOf.get(ordinal) ?? new Set();
      for (const each of found.labels) labels.add(each);
      if (labels.size > 1 && !question.multiple) lose(line, `item '${item}' has another label in this file; the first stays`);
      else labelsOf.set(ordinal, labels);
      if (!question.multiple) labelsOf.set(ordinal, new Set([...labels].slice(0, 1)));
    }
  }
  const given = [...labelsOf].map(([ordinal, labels]) => ({ ordinal, labels: answerTo(question, [...labels]) }));
  if (given.length > 0) await store(context, { project, question: question.id, person: person.id }, given);
  return { set: given.length, unknownItems, problems: problems.slice(0, shownProblems), problemCount: read.problemCount + bad };
}

async function questionOf({ db }: Pick<Context, 'db'>, project: number, id: string | undefined): Promise<Question> {
  const row = await findProject(db, project);
  if (!row) throw notFound('project');
  return questionIn(row, id);
}

async function store(
  { db, events }: Context,
  { person, ...asked }: { readonly project: number; readonly question: string; readonly person: number },
  given: readonly SetGold[],
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await storeGold(transaction, asked, person, given);
    await events.publish(transaction, asked.project, { kind: 'gold' });
    const [first] = given;
    const details = given.length === 1 ? { ordinal: first.ordinal, labels: first.labels } : { items: given.length };
    await audit(transaction, { action: 'gold.set', person, project: asked.project, details: { question: asked.question, ...details } });
  });
}
