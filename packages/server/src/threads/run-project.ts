import type { Settings } from '@labelwright/contract/projects';
import type { AnswerColumn } from '@labelwright/core/model/answer-column';
import { CoreError } from '@labelwright/core/model/errors';
import type { ItemId, LabelId } from '@labelwright/core/model/ids';
import type { Question } from '@labelwright/core/model/schema';
import { decide } from '@labelwright/core/pipeline/decide';
import type { QuestionEstimate } from '@labelwright/core/pipeline/question-estimate';
import { voteCounts } from '@labelwright/core/pipeline/question-tables';
import { countPairs } from '@labelwright/core/pipeline/vote-pairs';
import { estimateBy } from '@labelwright/engine/runs/stored-labeler';
import { sql } from 'kysely';
import type { ClientBase } from 'pg';
import { checkedSchema } from '../project-checks.ts';
import { carryAuditsOver } from '../stores/audits.ts';
import { analyzeEstimates, dropOldEstimates, storeEstimates } from '../stores/estimate-partitions.ts';
import type { EstimatedQuestion } from '../stores/estimate-rows.ts';
import { loadGold } from '../stores/gold.ts';
import { type HeldOut, storeHeldOut } from '../stores/held-out.ts';
import { labelersOf, type LabelerStatistics } from '../stores/labelers.ts';
import { peoplesVotes, personColumn } from '../stores/peoples-votes.ts';
import { findProject, settingsOf } from '../stores/projects.ts';
import { viewOf } from '../stores/run-items.ts';
import {
  agreementWith,
  beginRun,
  detailsOf,
  type QuestionDetails,
  type RunDetails,
  type RunProgress,
  type RunResult,
  setRunLabelers,
  settingsKey,
} from '../stores/runs.ts';
import type { ThreadCall } from './in-thread.ts';
import {
  answerByLearners,
  answerByRules,
  columnOf,
  hasAnswered,
  isAsked,
  isImported,
  isLearner,
  type RunScope,
  runSeed,
  storeAskedAnswers,
  storeImportedVotes,
  type Taker,
  whyUnfit,
} from './run-columns.ts';
import { holdPeopleOut } from './held-out.ts';
import { ProgressTeller } from './run-progress.ts';
import { outcomeOf, type RanColumn, unfitStatistics } from './run-results.ts';
import { databaseOn, type ThreadDatabase } from './thread-database.ts';

export type RunReport = RunProgress;

/** The row says that the run is cancelled, or over. */
class Unwanted extends Error {}

/** A run from its beginning: what labelers said before and still say is not asked again. Nothing of it is seen before all of it is: estimates,
 *  statistics and `projects.current_run` change in one transaction.
 *  @throws CoreError for what the user can mend; anything else is to be tried again */
export async function runProject(
  database: ThreadDatabase,
  { run: id, version }: { readonly run: number; readonly version: string },
  { signal, report }: Pick<ThreadCall<unknown, RunReport>, 'signal' | 'report'>,
): Promise<void> {
  const { db, pool } = database;
  const row = await beginRun(db, id);
  if (!row) return;
  const project = await findProject(db, row.project_id);
  if (!project) throw new CoreError('not-found', 'The project is gone');
  const progress = new ProgressTeller(db, id, project.items, report);
  const settings = settingsOf(project);
  const scope: RunScope = {
    database,
    project: project.id,
    settings,
    view: viewOf(settings),
    n: project.items,
    version,
    signal: AbortSignal.any([signal, progress.unwanted.signal]),
    progress,
  };
  try {
    const { questions } = checkedSchema(project.schema);
    const cast = await castOf(scope, questions, row.only_labeler);
    await setRunLabelers(db, id, cast.named);
    await answerByRules(scope, cast.rules);
    for (const taker of cast.imported) await storeImportedVotes(scope, taker);
    const unasked: Taker[] = [];
    for (const taker of cast.asked) if ((await storeAskedAnswers(scope, taker)) === 0) unasked.push(taker);
    const peopleReadAt = await databaseTime(scope);
    const done: FinishedQuestion[] = [];
    for (const question of questions)
      done.push(
        await runQuestion(scope, {
          run: id,
          question,
          cast,
          unasked,
          gold: await loadGold(pool, project.id, question === questions[0] ? settings : {}, question, { below: scope.n }),
        }),
      );
    await progress.saved();
    scope.signal.throwIfAborted();
    progress.tell('storing', 0);
    await progress.saved();
    const before =
      project.current_run === null ? undefined : { run: project.current_run, details: await detailsOf(db, project.current_run) };
    const details: Record<string, QuestionDetails> = {};
    for (const { outcome } of done) {
      const { question } = outcome.result;
      details[question] = { ...outcome.details, agreement: await agreementSoFar(scope, question, before, peopleReadAt) };
    }
    const statistics = new Map(done.flatMap(({ outcome }) => [...outcome.statistics]));
    for (const [taker, reason] of cast.reasons) statistics.set(taker.row.id, unfitStatistics(id, scope.n, taker.question, reason));
    await publish(scope, id, {
      questions: done.map(({ estimated }) => estimated),
      held: done.map(({ held }) => held),
      results: done.map(({ outcome }) => outcome.result),
      details: { questions: details, peopleReadAt, settings: settingsKey(settings) },
      statistics,
    });
  } catch (error) {
    if (error instanceof Unwanted || progress.unwanted.signal.aborted) return;
    if (signal.aborted) throw signal.reason;
    throw error;
  } finally {
    await progress.saved();
  }
  await analyzeEstimates(db, id);
  await dropOldEstimates(db, project.id).catch(() => undefined);
}

/** Who takes part. */
interface Cast {
  readonly rules: readonly Taker[];
  readonly learners: readonly Taker[];
  readonly imported: readonly Taker[];
  /** Language models: what they said so far. */
  readonly asked: readonly Taker[];
  /** Those whose answers from before are taken as they are. */
  readonly asBefore: readonly Taker[];
  readonly reasons: ReadonlyMap<Taker, string>;
  readonly warnings: ReadonlyMap<string, readonly string[]>;
  readonly named: readonly { readonly id: number; readonly name: string; readonly version: number }[];
}

async function castOf(scope: RunScope, questions: readonly Question[], only: number | null): Promise<Cast> {
  const rows = await labelersOf(scope.database.db, scope.project);
  const takers = rows.flatMap((row): Taker[] => {
    const question = questions.find(({ id }) => id === row.question);
    return question && row.enabled ? [{ row, question }] : [];
  });
  const warnings = new Map<string, string[]>();
  const warn = ({ question }: Taker, text: string) => warnings.set(question.id, [...(warnings.get(question.id) ?? []), text]);
  const reasons = new Map<Taker, string>();
  const fresh: Taker[] = [];
  const asBefore: Taker[] = [];
  for (const taker of takers) {
    if (isImported(taker) || isAsked(taker)) continue;
    if (only !== null && taker.row.id !== only) {
      if (await hasAnswered(scope, taker)) asBefore.push(taker);
      else warn(taker, `'${taker.row.name}' has not run in its present version, so its votes are not in: run all labelers`);
      continue;
    }
    const reason = await whyUnfit(taker);
    if (reason === undefined) fresh.push(taker);
    else {
      reasons.set(taker, reason);
      warn(taker, `'${taker.row.name}' cannot work and is left out: ${reason}`);
    }
  }
  return {
    rules: fresh.filter((taker) => !isLearner(taker)),
    learners: fresh.filter(isLearner),
    imported: takers.filter(isImported),
    asked: takers.filter(isAsked),
    asBefore,
    reasons,
    warnings,
    named: takers.map(({ row: { id, name, version } }) => ({ id, name, version })),
  };
}

interface FinishedQuestion {
  readonly estimated: EstimatedQuestion;
  readonly outcome: ReturnType<typeof outcomeOf>;
  readonly held: HeldOut;
}

interface QuestionTask {
  readonly run: number;
  readonly question: Question;
  readonly cast: Cast;
  /** Of the asked, those that were asked nothing yet. */
  readonly unasked: readonly Taker[];
  readonly gold: ReadonlyMap<number, readonly LabelId[]>;
}

async function runQuestion(scope: RunScope, { run, question, cast, unasked, gold }: QuestionTask): Promise<FinishedQuestion> {
  const { n, settings, progress } = scope;
  const { db } = scope.database;
  const asks = (taker: Taker) => taker.question === question;
  const people = await peoplesVotes(db, scope.project, question.id, { below: n });
  const persons = people.map((votes) => personColumn(votes, n));
  const warnings = [...(cast.warnings.get(question.id) ?? [])];
  const ran = new Map<Taker, RanColumn>();
  const load = async (taker: Taker) => void ran.set(taker, { labeler: taker.row.id, ...(await columnOf(scope, taker)) });
  for (const taker of unasked.filter(asks)) warnings.push(`'${taker.row.name}' has not been asked in its present version`);
  const asked = cast.asked.filter((taker) => !unasked.includes(taker));
  for (const taker of [...cast.rules, ...cast.asBefore, ...cast.imported, ...asked].filter(asks)) await load(taker);
  const learners = cast.learners.filter(asks);
  if (learners.length > 0) {
    // Classifiers do not learn from each other.
    const teachers = [...ran].flatMap(([taker, { column }]) => (isLearner(taker) ? [] : [column]));
    const columns = [...teachers, ...persons];
    const estimate = estimated(scope, question, columns);
    const unlearned = await answerByLearners(scope, learners, estimate, voteCounts(n, columns));
    for (const taker of learners) {
      if (unlearned.includes(taker)) warnings.push(`'${taker.row.name}' has too little to learn from yet`);
      else await load(taker);
    }
  }
  // In the order they were made, however they came to their answers: a run repeats to the last digit.
  const inOrder = [...ran].sort(([a], [b]) => a.row.id - b.row.id).map(([, column]) => column);
  const none = { seconds: 0, failures: { count: 0, first: '', item: '' } };
  const columns: RanColumn[] = [...inOrder, ...persons.map((column) => ({ column, ...none }))];
  scope.signal.throwIfAborted();
  progress.tell('estimating', 0);
  // The thread hears and says nothing while it computes.
  await progress.saved();
  const given = columns.map(({ column }) => column);
  const estimate = estimated(scope, question, given);
  const votes = voteCounts(n, given);
  const decisions = decide(estimate.confidence, votes, settings.targetError);
  const pairs = countPairs(question, given, n);
  const outcome = outcomeOf({
    run,
    estimate,
    decisions,
    pairs,
    columns,
    people,
    gold,
    warnings,
    aggregator: settings.aggregator,
  });
  const machines = inOrder.map(({ column }) => column);
  const aggregate = (few: readonly ItemId[], some: readonly AnswerColumn[]) =>
    estimateBy({ use: settings.aggregator, with: {}, seed: runSeed }, question, few, some);
  const held = holdPeopleOut(question, machines, people, n, aggregate);
  return { estimated: { estimate, decisions, votes, disputed: pairs.disputed }, outcome, held };
}

function estimated(
  { settings, n }: { readonly settings: Settings; readonly n: number },
  question: Question,
  columns: readonly AnswerColumn[],
): QuestionEstimate {
  const items = Array.from({ length: n }, (_, ordinal) => String(ordinal) as ItemId);
  return estimateBy({ use: settings.aggregator, with: {}, seed: runSeed }, question, items, columns);
}

async function databaseTime({ database: { db } }: RunScope): Promise<string> {
  const { rows } = await sql<{ now: Date }>`select now() as now`.execute(db);
  return rows[0].now.toISOString();
}

async function agreementSoFar(
  { database: { db }, project }: RunScope,
  question: string,
  before: { readonly run: number; readonly details: RunDetails | undefined } | undefined,
  until: string,
): Promise<QuestionDetails['agreement']> {
  const sofar = before?.details?.questions?.[question]?.agreement ?? { agreed: 0, n: 0 };
  if (!before?.details?.peopleReadAt) return sofar;
  const { agreed, n } = await agreementWith(db, { project, question, run: before.run }, before.details.peopleReadAt, until);
  return { agreed: sofar.agreed + agreed, n: sofar.n + n };
}

interface Outcome {
  readonly questions: readonly EstimatedQuestion[];
  readonly held: readonly HeldOut[];
  readonly results: readonly RunResult[];
  readonly details: RunDetails;
  readonly statistics: ReadonlyMap<number, LabelerStatistics>;
}

async function publish(scope: RunScope, run: number, outcome: Outcome): Promise<void> {
  const client = await scope.database.pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    await storeEstimates(client, run, outcome.questions);
    for (const held of outcome.held) await storeHeldOut(databaseOn(client), scope.project, run, held);
    await markDone(client, scope, run, outcome);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch((fault: Error) => {
      broken = fault;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function markDone(
  client: ClientBase,
  { project, n }: RunScope,
  run: number,
  { results, details, statistics }: Outcome,
): Promise<void> {
  const { rowCount } = await client.query(
    `update runs set state = 'done', phase = '', done = $2, total = $2, results = $3, details = $4, error = null, finished_at = now()
     where id = $1 and state = 'running'`,
    [run, n, JSON.stringify(results), JSON.stringify(details)],
  );
  if (rowCount === 0) throw new Unwanted('the run is cancelled');
  for (const [labeler, found] of statistics)
    await client.query('update labelers set statistics = $2 where id = $1', [labeler, JSON.stringify(found)]);
  const { rows } = await client.query<{ before: number | null }>('select current_run as before from projects where id = $1 for update', [
    project,
  ]);
  const [{ before }] = rows;
  if (before !== null) await carryAuditsOver(databaseOn(client), project, before, run);
  await client.query('update projects set current_run = $2 where id = $1', [project, run]);
}
