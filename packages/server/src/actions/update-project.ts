import type { SettingsChange } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import { CoreError } from '@labelwright/core/model/errors';
import type { Context, Db, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { changedSettings, checkedSchema } from '../project-checks.ts';
import { audit } from '../stores/audit.ts';
import { countSeveral, type QuestionUse, usesOfLabels, usesOfQuestion } from '../stores/label-uses.ts';
import { changeProject, lockProject, type ProjectRow, settingsOf } from '../stores/projects.ts';

export interface UpdateProject {
  readonly version: number;
  readonly name?: string | undefined;
  readonly schema?: SchemaJson | undefined;
  readonly settings?: SettingsChange | undefined;
  /** Questions that go although people have answered them. */
  readonly without?: readonly string[];
}

/** @throws CoreError 'stale-version', 'bad-schema', 'label-in-use', 'question-in-use' */
export function updateProject({ db, events }: Context, { person }: Member, id: number, change: UpdateProject): Promise<ProjectRow> {
  const { version, name, schema, settings, without = [] } = change;
  if (schema) checkedSchema(schema);
  return db.transaction().execute(async (transaction) => {
    const before = await lockProject(transaction, id);
    if (!before) throw notFound('project');
    if (before.version !== version) {
      const text = 'Somebody else changed the project meanwhile: look at what it is now, then change it again';
      throw new CoreError('stale-version', text, { version: before.version });
    }
    if (schema) await checkNothingIsLost(transaction, id, { before: before.schema, after: schema, without });
    const project = await changeProject(transaction, id, {
      name,
      schema,
      settings: settings && changedSettings(settingsOf(before), settings),
    });
    await events.publish(transaction, id, { kind: 'project' });
    const changed = [name !== undefined && 'name', schema !== undefined && 'schema', ...Object.keys(settings ?? {})].filter(
      (key) => key !== false,
    );
    await audit(transaction, { action: 'project.update', person: person.id, project: id, details: { changed, version: project.version } });
    return project;
  });
}

interface SchemaChange {
  readonly before: SchemaJson;
  readonly after: SchemaJson;
  readonly without: readonly string[];
}

/** Answers and votes name labels: a label goes only when nothing names it, and a question with answers only when that is said. */
async function checkNothingIsLost(db: Db, project: number, { before, after, without }: SchemaChange): Promise<void> {
  for (const question of before.questions) {
    const next = after.questions.find(({ id }) => id === question.id);
    if (!next) {
      checkQuestionMayGo(question.id, await usesOfQuestion(db, project, question.id), without.includes(question.id));
      continue;
    }
    const kept = new Set(next.labels.map(({ id }) => id));
    const gone = question.labels.map(({ id }) => id).filter((label) => !kept.has(label));
    const uses = gone.length === 0 ? [] : await usesOfLabels(db, project, question.id, gone);
    if (uses.length > 0) throw labelInUse(question.id, uses[0], uses.length - 1);
    const several = question.multiple && !next.multiple ? await countSeveral(db, project, question.id) : 0;
    if (several > 0) {
      const text = `Question '${question.id}' cannot become single choice: ${counted(several, 'answer')} give several labels. Change these first`;
      throw new CoreError('label-in-use', text, { question: question.id, answers: several });
    }
  }
}

/** Its answers wait for it to come back; labelers without a question have nothing to say. */
function checkQuestionMayGo(question: string, { answers, people, gold, labelers }: QuestionUse, isMeant: boolean): void {
  const details = { question, answers, people, gold, labelers: [...labelers] };
  if (labelers.length > 0) {
    const names = `${labelers.slice(0, 5).join(', ')}${labelers.length > 5 ? ' …' : ''}`;
    throw new CoreError('question-in-use', `Question '${question}' is answered by the labelers ${names}: delete these first`, details);
  }
  if (isMeant || answers + gold === 0) return;
  const lost = [
    ...(answers > 0 ? [`${counted(answers, 'answer')} by ${people === 1 ? 'one person' : `${people} people`}`] : []),
    ...(gold > 0 ? [counted(gold, 'trusted label')] : []),
  ];
  throw new CoreError(
    'question-in-use',
    `Question '${question}' has ${lost.join(' and ')}: they would no longer be seen or exported`,
    details,
  );
}

type Use = Awaited<ReturnType<typeof usesOfLabels>>[number];

function labelInUse(question: string, { label, answers, labelers }: Use, others: number): CoreError {
  const users = [
    ...(answers > 0 ? [counted(answers, 'answer')] : []),
    ...(labelers.length > 0 ? [`the labelers ${labelers.slice(0, 5).join(', ')}${labelers.length > 5 ? ' …' : ''}`] : []),
  ];
  const more = others > 0 ? ` (and ${counted(others, 'other label')} as well)` : '';
  const text = `Label '${label}' of question '${question}' is used by ${users.join(' and ')}${more}: change these first`;
  return new CoreError('label-in-use', text, { question, label, answers, labelers: [...labelers] });
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
