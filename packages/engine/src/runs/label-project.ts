import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashText } from '@labelwright/core/math/random';
import type { AnswerColumn } from '@labelwright/core/model/answer-column';
import { CoreError } from '@labelwright/core/model/errors';
import type { ItemId, LabelId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';
import type { Problem } from '@labelwright/core/model/problem';
import { type Question, questionOf } from '@labelwright/core/model/schema';
import type { QuestionEstimate } from '@labelwright/core/pipeline/question-estimate';
import { voteCounts } from '@labelwright/core/pipeline/question-tables';
import { type ItemSource, openItems, type Sourced } from '../items/item-source.ts';
import { askedTechnique } from '../project/asked.ts';
import type { LabelerSpec, Project } from '../project/project.ts';
import { type Asked, askLabelers } from './ask-labelers.ts';
import { fingerprintOf } from './answer-log.ts';
import type { StoredLabeler } from './column-store.ts';
import { learnModels } from './learn-models.ts';
import { checkGoldFits, GoldCollector } from './read-gold.ts';
import { runLabelers } from './run-labelers.ts';
import { estimateBy, learns, storedLabeler } from './stored-labeler.ts';

export interface LabelingRun {
  readonly project: Project;
  readonly source: ItemSource;
  readonly items: readonly ItemId[];
  readonly questions: readonly QuestionRun[];
  /** The first problems of the items and gold files, in order; `problemCount` counts all. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

export interface QuestionRun {
  readonly question: Question;
  readonly labelers: readonly RanLabeler[];
  readonly columns: readonly AnswerColumn[];
  readonly estimate: QuestionEstimate;
  /** Counts of votes per item. */
  readonly votes: Uint16Array;
  /** Whole gold answers by item ordinal; empty where the project has none. */
  readonly gold: ReadonlyMap<number, readonly LabelId[]>;
}

export interface RanLabeler {
  readonly spec: LabelerSpec;
  /** What it learned, a model per fold; [null] for rules. */
  readonly models: readonly Json[];
  readonly computeSeconds: number;
  readonly failures: { readonly count: number; readonly first: string; readonly item: string };
  /** Of language models. */
  readonly asked?: Asked;
}

export interface LabelingOptions {
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Go on with what an earlier, stopped run of the same project left in `output`. */
  readonly resume?: boolean;
  /** Where the keys of connections are; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly phase: string;
  readonly done: number;
  /** Share of the file that is read, 0..1; absent where it is not known. */
  readonly share?: number;
}

const keptProblems = 1000;

/** The whole job without a server: items → rules vote → language models vote → posterior → classifiers learn from it, cross-fitted, and vote → posterior. */
export async function labelProject(project: Project, options: LabelingOptions = {}): Promise<LabelingRun> {
  const source = await openItems(project.items, project.gold);
  const problems = new ProblemList();
  const gold = project.gold && (await GoldCollector.open(project.gold, questionOf(project.schema, project.gold.question), problems.report));
  const models = project.labelers.filter(({ use }) => askedTechnique(use) !== undefined);
  const rules = project.labelers.filter((spec) => !learns(spec) && !models.includes(spec));
  const learners = project.labelers.filter(learns);

  const ids: ItemId[] = [];
  async function* firstPass(): AsyncGenerator<Sourced> {
    for await (const sourced of source.read(problems.report)) {
      const { id } = sourced.item;
      gold?.see(
        ids.length,
        id,
        sourced.gold,
        { file: project.items.file, ...(sourced.line !== undefined && { line: sourced.line }) },
        problems.report,
      );
      ids.push(id);
      yield sourced;
    }
  }
  const passes = { project, source, options, ids };
  const ruled = await runPhase(
    passes,
    'rules',
    rules.map((spec) => stored(project, spec, [null])),
    firstPass(),
  );
  if (gold && project.gold) checkGoldFits(gold.answers, ids.length, project.gold);

  const asked = await askLabelers(project, models, ids.length, () => itemsOnly(laterPass(passes)), {
    environment: options.environment ?? process.env,
    ...(options.signal && { signal: options.signal }),
    onProgress: ({ id }, done) => options.onProgress?.({ phase: `asking ${id}`, done, share: done / ids.length }),
  });

  const goldAnswers = (question: Question): ReadonlyMap<number, readonly LabelId[]> =>
    project.gold?.question === question.id
      ? (gold?.answers ?? new Map<number, readonly LabelId[]>())
      : new Map<number, readonly LabelId[]>();
  const known = [...rules, ...models];
  const knownColumns = [...ruled.columns, ...asked.map(({ column }) => column)];
  const learned = new Map<LabelerSpec, readonly Json[]>();
  for (const question of project.schema.questions) {
    const pupils = learners.filter((spec) => spec.question === question.id);
    if (pupils.length === 0) continue;
    const columns = knownColumns.filter((_, c) => known[c].question === question.id);
    const estimate = estimateNow(project, question, ids, columns);
    for (const spec of pupils) learned.set(spec, await train(passes, spec, estimate, voteCounts(ids.length, columns)));
  }
  const trained = learners.filter((spec) => (learned.get(spec)?.length ?? 0) > 0);
  const classified = await runPhase(
    passes,
    'classifiers',
    trained.map((spec) => stored(project, spec, learned.get(spec) ?? [])),
    laterPass(passes),
  );

  const ran = [
    ...rules.map((spec, c) => ranOf(spec, [null], ruled, c)),
    ...asked.map(({ seconds, failures, asked: spent }, c) => ({
      spec: models[c],
      models: [],
      computeSeconds: seconds,
      failures,
      asked: spent,
    })),
    ...trained.map((spec, c) => ranOf(spec, learned.get(spec) ?? [], classified, c)),
  ];
  const columns = [...knownColumns, ...classified.columns];
  const questions = project.schema.questions.map((question): QuestionRun => {
    const mine = ran.flatMap((labeler, c) => (labeler.spec.question === question.id ? [c] : []));
    const ownColumns = mine.map((c) => columns[c]);
    const estimate = estimateNow(project, question, ids, ownColumns);
    const votes = voteCounts(ids.length, ownColumns);
    return { question, labelers: mine.map((c) => ran[c]), columns: ownColumns, estimate, votes, gold: goldAnswers(question) };
  });
  return { project, source, items: ids, questions, problems: problems.kept, problemCount: problems.count };
}

interface Passes {
  readonly project: Project;
  readonly source: ItemSource;
  readonly options: LabelingOptions;
  readonly ids: readonly ItemId[];
}

class ProblemList {
  readonly kept: Problem[] = [];
  count = 0;
  readonly report = (problem: Problem): void => {
    this.count += 1;
    if (this.kept.length < keptProblems) this.kept.push(problem);
  };
}

function stored(project: Project, spec: LabelerSpec, models: readonly Json[]): StoredLabeler {
  return storedLabeler(spec, questionOf(project.schema, spec.question), models, project.seed);
}

type Phase = {
  readonly columns: readonly AnswerColumn[];
  readonly seconds: readonly number[];
  readonly failures: readonly RanLabeler['failures'][];
};

async function runPhase(passes: Passes, phase: string, labelers: readonly StoredLabeler[], items: AsyncIterable<Sourced>): Promise<Phase> {
  const { project, source, options } = passes;
  if (labelers.length === 0) {
    if (phase === 'rules') for await (const _ of items); // the ids are still wanted
    return { columns: [], seconds: [], failures: [] };
  }
  const path = join(project.output, '.run', `${phase}.answers`);
  const fingerprint = fingerprintOf([labelers, project.items, source.size, source.modified]);
  if (!options.resume) await rm(path, { force: true });
  const { store } = await runLabelers(labelers, items, {
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(options.signal && { signal: options.signal }),
    log: { path, fingerprint },
    onProgress: (done) => options.onProgress?.({ phase, done, ...(source.size > 0 && { share: source.bytesRead() / source.size }) }),
  });
  return { columns: store.columns(passes.ids.length), seconds: store.seconds, failures: store.failures };
}

/** The same items again, in the same order; what was skipped the first time is skipped again. */
async function* laterPass({ source, ids }: Passes): AsyncGenerator<Sourced> {
  let next = 0;
  for await (const sourced of source.read(() => undefined)) {
    if (sourced.item.id !== ids[next]) continue;
    next += 1;
    yield sourced;
  }
  if (next < ids.length) throw new CoreError('items-changed', 'the items file changed while it was being labeled; start again');
}

export async function* itemsOnly(sourced: AsyncIterable<Sourced>): AsyncGenerator<Item> {
  for await (const { item } of sourced) yield item;
}

/** Items by ordinal, in the order of the file. */
export async function* itemsAt(run: Pick<LabelingRun, 'source' | 'items'>, wanted: ReadonlySet<number>): AsyncGenerator<[number, Item]> {
  let ordinal = 0;
  for await (const { item } of run.source.read(() => undefined)) {
    if (item.id !== run.items[ordinal]) continue;
    if (wanted.has(ordinal)) yield [ordinal, item];
    ordinal += 1;
  }
}

function estimateNow(project: Project, question: Question, ids: readonly ItemId[], columns: readonly AnswerColumn[]): QuestionEstimate {
  const { aggregator, seed, shares } = project;
  return estimateBy({ ...aggregator, seed, ...(shares && question === project.schema.questions[0] && { shares }) }, question, ids, columns);
}

async function train(
  { project, source, ids, options }: Passes,
  spec: LabelerSpec,
  estimate: QuestionEstimate,
  votes: Uint16Array,
): Promise<Json[]> {
  options.onProgress?.({ phase: `learning ${spec.id}`, done: 0 });
  try {
    return await learnModels({
      spec,
      estimate,
      votes,
      seed: project.seed,
      rankOf: (ordinal) => hashText(ids[ordinal]),
      itemsAt: (ordinals) => itemsAt({ source, items: ids }, ordinals),
      ...(options.threads !== undefined && { threads: options.threads }),
      ...(options.signal && { signal: options.signal }),
    });
  } catch (error) {
    if (options.signal?.aborted) throw new CoreError('stopped', `stopped while ${spec.id} was learning; go on with --resume`);
    throw error;
  }
}

function ranOf(spec: LabelerSpec, models: readonly Json[], phase: Phase, column: number): RanLabeler {
  return { spec, models, computeSeconds: phase.seconds[column], failures: phase.failures[column] };
}
