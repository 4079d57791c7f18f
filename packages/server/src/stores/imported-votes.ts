import type { Entry } from '@labelwright/core/formats/format';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Problem } from '@labelwright/core/model/problem';
import type { Question, Schema } from '@labelwright/core/model/schema';
import type { Vote } from '@labelwright/core/model/vote';
import type { ClientBase } from 'pg';

/** The technique of labelers whose votes came with a file. */
export const imported = 'imported';

/** Labelers of the votes in a file, by name and question: found, or made, when first met. */
export class ImportedLabelers {
  private readonly client: ClientBase;
  private readonly project: number;
  private readonly schema: Schema;
  readonly file: string;
  private readonly known = new Map<string, number>();

  constructor(client: ClientBase, project: number, schema: Schema, file: string) {
    this.client = client;
    this.project = project;
    this.schema = schema;
    this.file = file;
  }

  /** The question that a vote is about; the only one goes by any name. */
  questionOf({ question }: Vote): Question | undefined {
    const { questions } = this.schema;
    return questions.find(({ id }) => id === question) ?? (questions.length === 1 ? questions[0] : undefined);
  }

  async idOf(labeler: string, question: string): Promise<number> {
    const key = `${question}\n${labeler}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const name = `${labeler.slice(0, 150)} (imported)`;
    const { rows } = await this.client.query<{ id: number; use: string; question: string }>(
      'select id, use, question from labelers where project_id = $1 and name = any($2) and deleted_at is null and use = $3 and question = $4',
      [this.project, [name, `${name} ${question}`], imported, question],
    );
    const id = rows[0]?.id ?? (await this.make(name, question));
    this.known.set(key, id);
    return id;
  }

  private async make(name: string, question: string): Promise<number> {
    const { rows: taken } = await this.client.query('select from labelers where project_id = $1 and name = $2 and deleted_at is null', [
      this.project,
      name,
    ]);
    const { rows } = await this.client.query<{ id: number }>(
      'insert into labelers (project_id, name, use, question, options) values ($1, $2, $3, $4, $5) returning id',
      [this.project, taken.length > 0 ? `${name} ${question}` : name, imported, question, JSON.stringify({ file: this.file })],
    );
    return rows[0].id;
  }
}

/** Votes of items that are new. Those of items that were there already are left out with them. @returns votes that do not fit the schema */
export async function addImportedVotes(
  client: ClientBase,
  labelers: ImportedLabelers,
  entries: readonly Entry[],
  ordinals: readonly (number | undefined)[],
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const rows = new Map<string, readonly [labeler: number, ordinal: number, labels: string, confidence: number | null]>();
  for (let at = 0; at < entries.length; at++) {
    const ordinal = ordinals[at];
    if (ordinal === undefined) continue;
    const { line, votes } = entries[at];
    for (const vote of votes) {
      if (vote.answer.kind !== 'labels') continue;
      const question = labelers.questionOf(vote);
      const labels = vote.answer.annotations.map((annotation) => annotation.label);
      const fault = faultIn(question, labels);
      if (fault !== undefined || !question) {
        problems.push({
          file: labelers.file,
          ...(line !== undefined && { line }),
          key: 'votes',
          message: `${fault}: this vote of ${vote.labeler} is left out`,
        });
        continue;
      }
      const labeler = await labelers.idOf(vote.labeler, question.id);
      rows.set(`${labeler} ${ordinal}`, [labeler, ordinal, JSON.stringify(labels), vote.answer.confidence ?? null]);
    }
  }
  if (rows.size > 0) {
    const list = [...rows.values()];
    await client.query(
      `insert into imported_votes (labeler_id, ordinal, labels, confidence)
       select * from unnest($1::int[], $2::int[], $3::jsonb[], $4::real[]) on conflict do nothing`,
      [0, 1, 2, 3].map((column) => list.map((row) => row[column])),
    );
  }
  return problems;
}

function faultIn(question: Question | undefined, labels: readonly LabelId[]): string | undefined {
  if (!question) return 'is about a question that the project does not ask';
  const unknown = labels.find((label) => !question.labels.some(({ id }) => id === label));
  if (unknown !== undefined) return `'${unknown}' is not a label of question '${question.id}'`;
  if (!question.multiple && labels.length !== 1) return `has ${labels.length} labels where one is asked for`;
  return undefined;
}
