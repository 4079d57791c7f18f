import { Sample } from '@labelwright/core/labelers/labeler';
import { createRandom } from '@labelwright/core/math/random';
import { abstained, firstAnswer } from '@labelwright/core/model/answer-column';
import type { ItemId, LabelId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import type { Question, Schema } from '@labelwright/core/model/schema';
import { itemOf, type ItemView } from '@labelwright/engine/items/item-of';
import { chunkSize } from '@labelwright/engine/runs/labeling-task';
import { goldLabels } from '@labelwright/engine/runs/read-gold';
import type { Settings } from '@labelwright/contract/projects';
import { sql } from 'kysely';
import { notFound } from '../errors.ts';
import { checkedSchema } from '../project-checks.ts';
import { labelersOf, type LabelerRow } from '../stores/labelers.ts';
import { agreedAnswers, peoplesVotes } from '../stores/peoples-votes.ts';
import { findProject, settingsOf } from '../stores/projects.ts';
import { viewOf } from '../stores/run-items.ts';
import type { ThreadDatabase } from './thread-database.ts';

export const sampleSize = 10_000;
/** Beside the sample: people answer what is unsure, which a random sample seldom has. */
const mostAnswered = 2000;
/** Of texts that are held in memory. */
const mostCharacters = 60_000_000;
const pageItems = 1000;
const peopleMs = 3000;
/** Projects whose samples are held. */
const mostProjects = 3;

export interface SampledItem {
  readonly ordinal: number;
  readonly sample: Sample;
  /** Of the gold field, as it stands in the item. */
  readonly gold: Json | undefined;
}

/** What is known of a question, item by item of the sample. Answers are numbered: equal answers have one number. */
export interface QuestionSample {
  readonly question: Question;
  readonly answers: readonly (readonly LabelId[])[];
  /** Number of the present answer, −1 before the first run; with its probability. */
  readonly present: Int32Array;
  readonly probability: Float32Array;
  readonly votes: Uint16Array;
  /** One number per label of the estimate; without a run, none. */
  readonly posterior: Float64Array | undefined;
  /** Of the other labelers that ran: numbers of answers, −1 where there is none. */
  readonly columns: readonly { readonly labeler: number; readonly name: string; readonly said: Int32Array }[];
  /** By position in `items`, then in `answered`. */
  readonly gold: ReadonlyMap<number, readonly LabelId[]>;
  readonly people: ReadonlyMap<number, readonly LabelId[]>;
  /** Items beyond the sample that people answered. */
  readonly answered: readonly SampledItem[];
}

export interface ProjectSample {
  readonly schema: Schema;
  readonly settings: Settings;
  /** A random sample, in the order of the project. */
  readonly items: readonly SampledItem[];
  readonly labelers: readonly LabelerRow[];
  readonly run: number | null;
  of(question: Question): Promise<QuestionSample>;
}

interface Held {
  readonly key: string;
  readonly n: number;
  readonly items: readonly SampledItem[];
  readonly questions: Map<string, HeldQuestion>;
}

interface HeldQuestion {
  readonly key: string;
  readonly known: Promise<Known>;
  /** What people say is asked for again after this time. */
  people?: { readonly until: number; readonly said: Promise<Said> };
}

/** Samples of the projects that were asked for last, kept as long as they fit: another run, another version of a labeler and new answers are
 *  read anew, the items are not. */
export class SampleCache {
  private readonly database: ThreadDatabase;
  private readonly held = new Map<number, Held>();

  constructor(database: ThreadDatabase) {
    this.database = database;
  }

  /** @throws CoreError 'not-found' */
  async get(id: number): Promise<ProjectSample> {
    const { db } = this.database;
    const project = await findProject(db, id);
    if (!project) throw notFound('project');
    const settings = settingsOf(project);
    const schema = checkedSchema(project.schema);
    const view = viewOf(settings);
    const held = await this.itemsOf(id, project.items, view, settings.goldField);
    const labelers = await labelersOf(db, id);
    const run = project.current_run;
    const versions = labelers.map((row) => [row.id, row.version, row.name]);
    const scope = { database: this.database, project: id, settings, view, items: held.items, labelers, run };
    const of = async (question: Question): Promise<QuestionSample> => {
      const key = JSON.stringify([run, versions, question, settings.goldLabels]);
      let asked = held.questions.get(question.id);
      if (asked?.key !== key) {
        asked = { key, known: loadKnown(scope, question, question.id === schema.questions[0].id) };
        held.questions.set(question.id, asked);
        asked.known.catch(() => held.questions.delete(question.id));
      }
      if (!asked.people || Date.now() > asked.people.until) {
        const said = loadSaid(scope, question);
        said.catch(() => held.questions.delete(question.id));
        asked.people = { until: Date.now() + peopleMs, said };
      }
      return { ...(await asked.known), ...(await asked.people.said) };
    };
    return { schema, settings, items: held.items, labelers, run, of };
  }

  /** What a definition is checked against: no items are read for it. @throws CoreError 'not-found' */
  async schemaOf(id: number): Promise<{ readonly schema: Schema }> {
    const project = await findProject(this.database.db, id);
    if (!project) throw notFound('project');
    return { schema: checkedSchema(project.schema) };
  }

  private async itemsOf(project: number, n: number, view: ItemView, goldField: string | undefined): Promise<Held> {
    const key = JSON.stringify([view.text, [...view.hidden].sort(), goldField]);
    const known = this.held.get(project);
    // Some items more make no other sample.
    if (known?.key === key && (known.n === n || (n > sampleSize && n < known.n * 1.2))) return known;
    const items = await loadItems(this.database, project, view, goldField, chooseOrdinals(project, n));
    const held: Held = { key, n, items, questions: new Map() };
    this.held.delete(project);
    this.held.set(project, held);
    for (const [oldest] of this.held) if (this.held.size > mostProjects) this.held.delete(oldest);
    return held;
  }
}

/** One of each of so many equal stretches, by chance, the same every time. */
function chooseOrdinals(project: number, n: number): number[] {
  if (n <= sampleSize) return Array.from({ length: n }, (_, ordinal) => ordinal);
  const random = createRandom(project);
  return Array.from({ length: sampleSize }, (_, stretch) => Math.floor(((stretch + random.next()) * n) / sampleSize));
}

async function loadItems(
  { pool }: ThreadDatabase,
  project: number,
  view: ItemView,
  goldField: string | undefined,
  ordinals: readonly number[],
): Promise<SampledItem[]> {
  const items: SampledItem[] = [];
  let characters = 0;
  // Where the texts are too long for all of them, every so-many-th page is left out in the end: pages are taken from all over the project.
  const pages = Math.ceil(ordinals.length / pageItems);
  for (let page = 0; page < pages && characters < mostCharacters; page++) {
    const mine = ordinals.filter((_, at) => at % pages === page);
    const { rows } = await pool.query<{ ordinal: number; id: string; fields: Readonly<Record<string, Json>> }>(
      'select ordinal, id, fields from items where project_id = $1 and ordinal = any($2)',
      [project, mine],
    );
    for (const { ordinal, id, fields } of rows) {
      const sample = new Sample(itemOf({ id: id as ItemId, fields }, view));
      characters += sample.text().length;
      items.push({ ordinal, sample, gold: goldField === undefined ? undefined : fields[goldField] });
    }
  }
  return items.sort((a, b) => a.ordinal - b.ordinal);
}

interface Scope {
  readonly database: ThreadDatabase;
  readonly project: number;
  readonly settings: Settings;
  readonly view: ItemView;
  readonly items: readonly SampledItem[];
  readonly labelers: readonly LabelerRow[];
  readonly run: number | null;
}

type Said = Pick<QuestionSample, 'people' | 'answered'>;
type Known = Omit<QuestionSample, keyof Said>;

async function loadKnown({ database, settings, items, labelers, run }: Scope, question: Question, isFirst: boolean): Promise<Known> {
  const ordinals = items.map(({ ordinal }) => ordinal);
  const answers = new Numbers();
  const estimates = await loadEstimates(database, run, question, ordinals, answers);
  const columns = [];
  for (const row of labelers.filter((labeler) => labeler.question === question.id)) {
    const said = await loadColumn(database, row, ordinals, answers);
    if (said) columns.push({ labeler: row.id, name: row.name, said });
  }
  const known = new Set<string>(question.labels.map(({ id }) => id));
  const gold = new Map<number, readonly LabelId[]>();
  if (isFirst && settings.goldField !== undefined) {
    items.forEach((item, at) => {
      const read = goldLabels(item.gold, known, settings.goldLabels);
      if (read && 'labels' in read) gold.set(at, read.labels);
    });
  }
  return { question, answers: answers.list, ...estimates, columns, gold };
}

async function loadSaid({ database, project, settings, view, items }: Scope, question: Question): Promise<Said> {
  const beyond = await answeredBeyond(database, project, question.id, new Set(items.map(({ ordinal }) => ordinal)));
  const answered = await loadItems(database, project, view, settings.goldField, beyond);
  const all = [...items, ...answered];
  const said = agreedAnswers(await peoplesVotes(database.db, project, question.id, { ordinals: all.map(({ ordinal }) => ordinal) }));
  const people = new Map<number, readonly LabelId[]>();
  all.forEach(({ ordinal }, at) => {
    const labels = said.get(ordinal);
    if (labels) people.set(at, labels);
  });
  return { people, answered };
}

/** Numbers for answers; the order of labels does not matter. */
export class Numbers {
  readonly list: (readonly LabelId[])[] = [];
  private readonly known = new Map<string, number>();

  of(labels: readonly string[]): number {
    const key = `${labels.length}:${[...labels].sort().join('\n')}`;
    let number = this.known.get(key);
    if (number === undefined) {
      number = this.list.push(labels as LabelId[]) - 1;
      this.known.set(key, number);
    }
    return number;
  }
}

async function loadEstimates(
  { pool }: ThreadDatabase,
  run: number | null,
  question: Question,
  ordinals: readonly number[],
  answers: Numbers,
) {
  const present = new Int32Array(ordinals.length).fill(-1);
  const probability = new Float32Array(ordinals.length);
  const votes = new Uint16Array(ordinals.length);
  const { rows } = await pool.query<{ ordinal: number; answer: string[]; probability: number; posterior: number[]; votes: number }>(
    'select ordinal, answer, probability, posterior, votes from estimates where run_id = $1 and question = $2 and ordinal = any($3)',
    [run ?? -1, question.id, ordinals],
  );
  const k = rows.at(0)?.posterior.length ?? 0;
  const posterior = k > 0 ? new Float64Array(ordinals.length * k) : undefined;
  const places = new Map(ordinals.map((ordinal, at) => [ordinal, at]));
  for (const row of rows) {
    const at = places.get(row.ordinal) as number;
    present[at] = answers.of(row.answer);
    probability[at] = row.probability;
    votes[at] = row.votes;
    posterior?.set(row.posterior, at * k);
  }
  return { present, probability, votes, posterior };
}

/** What a labeler said in its present version, or else in the one before: −1 for nothing. Undefined where it never ran. */
async function loadColumn(
  { db }: ThreadDatabase,
  { id }: LabelerRow,
  ordinals: readonly number[],
  answers: Numbers,
): Promise<Int32Array | undefined> {
  const { rows } = await sql<{ chunk: number; codes: Buffer; answers: string[][] }>`
    select chunk, codes, answers from answer_chunks c
    where labeler_id = ${id} and version = (select max(version) from answer_chunks where labeler_id = ${id})
      and chunk = any(${[...new Set(ordinals.map((ordinal) => Math.floor(ordinal / chunkSize)))]}::int[])`.execute(db);
  if (rows.length === 0) return undefined;
  const chunks = new Map(rows.map((row) => [row.chunk, { codes: row.codes, numbers: row.answers.map((labels) => answers.of(labels)) }]));
  return Int32Array.from(ordinals, (ordinal) => {
    const chunk = chunks.get(Math.floor(ordinal / chunkSize));
    const at = (ordinal % chunkSize) * 2;
    const code = chunk && at + 2 <= chunk.codes.length ? chunk.codes.readUInt16LE(at) : abstained;
    return code < firstAnswer ? -1 : (chunk?.numbers[code - firstAnswer] ?? -1);
  });
}

/** The last that people answered, without those of the sample. */
async function answeredBeyond({ db }: ThreadDatabase, project: number, question: string, sample: ReadonlySet<number>): Promise<number[]> {
  const rows = await db
    .selectFrom('current_answers')
    .select('ordinal')
    .where('project_id', '=', project)
    .where('question', '=', question)
    .where('kind', '=', 'answer')
    .groupBy('ordinal')
    .orderBy(({ fn }) => fn.max('created_at'), 'desc')
    .limit(sample.size < sampleSize ? 0 : mostAnswered * 2)
    .execute();
  return rows
    .map(({ ordinal }) => ordinal)
    .filter((ordinal) => !sample.has(ordinal))
    .slice(0, mostAnswered);
}
