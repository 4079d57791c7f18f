import type { Quality, Suspect } from '@labelwright/contract/quality';
import { type AgreementReport, agreementReport } from '@labelwright/core/agreement/agreement-report';
import { labelErrors } from '@labelwright/core/audits/label-errors';
import { createRandom } from '@labelwright/core/math/random';
import { reliabilityOf } from '@labelwright/core/math/reliability';
import { wilson } from '@labelwright/core/math/statistics';
import type { ItemId, LabelerId, LabelId } from '@labelwright/core/model/ids';
import { textOf } from '@labelwright/core/model/item';
import type { Question } from '@labelwright/core/model/schema';
import type { VoteTable } from '@labelwright/core/model/vote-table';
import { bestAnswer } from '@labelwright/core/pipeline/question-estimate';
import { agreementOf } from '@labelwright/core/pipeline/vote-pairs';
import type { QuestionView } from './columns/question-view.ts';
import { viewOf, type Viewed } from './columns/views.ts';
import type { Context } from './context.ts';
import { posteriorLabels } from './present-answer.ts';
import { shownItem } from './present-item.ts';
import { goldRevision, loadGold } from './stores/gold.ts';
import { type HeldOut, heldOutOf } from './stores/held-out.ts';
import { itemRecords } from './stores/item-records.ts';
import { labelersOf, type LabelerStatistics } from './stores/labelers.ts';
import { agreedAnswers, type PersonVotes, peoplesVotes } from './stores/peoples-votes.ts';
import { settingsOf } from './stores/projects.ts';
import { agreementWith, detailsOf, findRun } from './stores/runs.ts';
import { secondsOfPeople } from './stores/spend.ts';

type Labels = readonly LabelId[];

interface Figures {
  readonly quality: Quality;
  /** Items whose answer by people is probably wrong, the most suspicious first. */
  readonly suspects: readonly SuspectRow[];
  readonly judged: number;
}

interface SuspectRow {
  readonly ordinal: number;
  readonly said: Labels;
  readonly machine: Labels;
  readonly peopleProbability: number;
  readonly machineProbability: number;
}

/** Agreement, reliability and calibration of a question, with intervals. Kept until an answer, a gold label or a run changes something. */
export async function qualityOf(context: Context, project: number, question: string | undefined): Promise<Quality> {
  return (await figuresOf(context, await viewOf(context, project, question))).quality;
}

export async function suspectsOf(
  context: Context,
  project: number,
  { question, limit }: { readonly question?: string | undefined; readonly limit: number },
): Promise<{ rows: Suspect[]; total: number; judged: number }> {
  const viewed = await viewOf(context, project, question);
  const { suspects, judged } = await figuresOf(context, viewed);
  const shown = suspects.slice(0, limit);
  const ordinals = shown.map(({ ordinal }) => ordinal);
  const asked = { project, question: viewed.view.question.id };
  const [items, people] = await Promise.all([
    itemRecords(context.db, project, ordinals),
    peoplesVotes(context.db, asked.project, asked.question, { ordinals }),
  ]);
  const settings = settingsOf(viewed.project);
  const rows = shown.flatMap((row): Suspect[] => {
    const item = items.get(row.ordinal);
    if (!item) return [];
    return [
      {
        ...row,
        said: [...row.said],
        machine: [...row.machine],
        id: item.id,
        text: textOf(shownItem(item, settings)).slice(0, 400),
        people: people.filter(({ ordinals: theirs }) => theirs.includes(row.ordinal)).map(({ name }) => name),
        flagged: viewed.view.people.flagged[row.ordinal] === 1,
      },
    ];
  });
  return { rows, total: suspects.length, judged };
}

const remembered = new WeakMap<QuestionView, { readonly key: string; readonly figures: Promise<Figures> }>();

async function figuresOf(context: Context, viewed: Viewed): Promise<Figures> {
  const { project, view } = viewed;
  const asked = { project: project.id, question: view.question.id };
  const key = `${view.revision} ${project.current_run} ${project.version} ${await goldRevision(context.db, asked)}`;
  const known = remembered.get(view);
  if (known?.key === key) return known.figures;
  const figures = compute(context, viewed);
  remembered.set(view, { key, figures });
  figures.catch(() => remembered.delete(view));
  return figures;
}

async function compute(context: Context, { project, view }: Viewed): Promise<Figures> {
  const { db, pool } = context;
  const { question } = view;
  const asked = { project: project.id, question: question.id };
  const run = view.machine?.run;
  const settings = settingsOf(project);
  const isFirst = project.schema.questions[0]?.id === question.id;
  const [people, gold, held, labelers, seconds, details, runRow] = await Promise.all([
    peoplesVotes(db, project.id, question.id, { below: view.n }),
    loadGold(pool, project.id, isFirst ? settings : {}, question, { below: view.n }),
    run === undefined ? { question: question.id, ordinals: [], posterior: new Float64Array(0) } : heldOutOf(db, run, question.id),
    labelersOf(db, project.id, question.id),
    secondsOfPeople(db, asked),
    run === undefined ? undefined : detailsOf(db, run),
    run === undefined ? undefined : findRun(db, project.id, run),
  ]);
  const since = details?.peopleReadAt;
  const fresh = run !== undefined && since !== undefined ? await agreementWith(db, { ...asked, run }, since) : { agreed: 0, n: 0 };
  const sofar = details?.questions?.[question.id]?.agreement ?? { agreed: 0, n: 0 };
  const agreed = agreedAnswers(people);
  const estimates = heldEstimates(question, held);
  const suspects = findSuspects(question, held, estimates, agreed);
  const report = agreementReport(voteTableOf(people, view.n), createRandom(1), {
    replicates: 400,
    measures: ['percent', 'krippendorff-alpha', 'gwet-ac1'],
    pairMeasures: ['percent', 'cohen-kappa'],
    maxPairs: 30,
    maxLabelers: 50,
  });
  const compared = sofar.n + fresh.n;
  return {
    judged: held.ordinals.length,
    suspects,
    quality: {
      question: question.id,
      labels: posteriorLabels(question),
      run: runRow ? { id: runRow.id, number: runRow.number } : null,
      people: peopleFigures(question, people, report, gold, seconds),
      peopleAgreeWithMachine: compared > 0 ? wilson(sofar.agreed + fresh.agreed, compared) : null,
      labelers: labelers.map(({ id, name, use, statistics }) => {
        const found = statistics as LabelerStatistics | null;
        return { id, name, use, gold: found?.goldAccuracy ?? null, people: found?.peopleAccuracy ?? null, voted: found?.voted ?? 0 };
      }),
      gold: compare(question, untouched(view, gold), (ordinal) => machineAt(view, ordinal)),
      held: compare(question, agreed, (ordinal) => estimates.get(ordinal)),
      goldItems: gold.size,
      suspects: suspects.length,
    },
  };
}

interface Believed {
  readonly labels: readonly string[];
  readonly probability: number;
}

/** A run takes people's answers in: where they answered, its posterior is theirs, and gold would score people. */
function untouched(view: QuestionView, gold: ReadonlyMap<number, Labels>): Map<number, Labels> {
  return new Map([...gold].filter(([ordinal]) => view.people.answered[ordinal] === 0));
}

function machineAt(view: QuestionView, ordinal: number): Believed | undefined {
  const { machine, sets } = view;
  if (!machine || !view.hasEstimate(ordinal) || machine.votes[ordinal] === 0) return undefined;
  return { labels: sets.labelsOf(machine.answer[ordinal]) ?? [], probability: machine.probability[ordinal] };
}

function heldEstimates(question: Question, held: HeldOut): Map<number, Believed> {
  const labels = posteriorLabels(question);
  const k = labels.length;
  const estimates = new Map<number, Believed>();
  if (held.posterior.length !== held.ordinals.length * k) return estimates;
  held.ordinals.forEach((ordinal, row) => {
    const answer = bestAnswer({ question, labels, posterior: held.posterior }, row);
    let probability = question.multiple ? 1 : 0;
    for (let c = 0; c < k; c++) {
      const p = held.posterior[row * k + c];
      probability = question.multiple ? probability * Math.max(p, 1 - p) : Math.max(probability, p);
    }
    estimates.set(ordinal, { labels: answer, probability });
  });
  return estimates;
}

const mostLabels = 40;
const mostConfused = 30;
/** Most answers are sure ones: coarser bins would show two dots. */
const bins = 20;

function compare(
  question: Question,
  truth: ReadonlyMap<number, Labels>,
  believedOf: (ordinal: number) => Believed | undefined,
): Quality['gold'] {
  const agrees = agreementOf(question);
  const labels = posteriorLabels(question) as readonly string[];
  const k = labels.length;
  const places = new Map(labels.map((label, c) => [label, c]));
  const matrix = !question.multiple && k <= mostLabels ? Array.from({ length: k * k }, () => 0) : null;
  const confused = new Map<string, { truth: string; said: string; count: number }>();
  const probabilities: number[] = [];
  const right: boolean[] = [];
  for (const [ordinal, labelsThere] of truth) {
    const believed = believedOf(ordinal);
    if (!believed) continue;
    const isRight = agrees(believed.labels as LabelId[], labelsThere);
    probabilities.push(believed.probability);
    right.push(isRight);
    const row = places.get(labelsThere[0]);
    const column = places.get(believed.labels[0]);
    if (matrix && row !== undefined && column !== undefined) matrix[row * k + column] += 1;
    if (isRight) continue;
    const pair = { truth: labelsThere.join(', ') || 'none', said: believed.labels.join(', ') || 'none' };
    const name = `${pair.truth}\n${pair.said}`;
    const known = confused.get(name);
    if (known) known.count += 1;
    else confused.set(name, { ...pair, count: 1 });
  }
  if (right.length === 0) return null;
  const { bins: found, ...rest } = reliabilityOf(probabilities, right, bins);
  return {
    n: right.length,
    accuracy: wilson(right.filter(Boolean).length, right.length),
    matrix,
    confused: [...confused.values()].sort((a, b) => b.count - a.count).slice(0, mostConfused),
    reliability: { ...rest, bins: found.map((bin) => ({ ...bin })) },
  };
}

/** Confident learning on what people say; of several labels, label by label. */
function findSuspects(
  question: Question,
  { ordinals, posterior }: HeldOut,
  estimates: ReadonlyMap<number, Believed>,
  agreed: ReadonlyMap<number, Labels>,
): SuspectRow[] {
  const labels = posteriorLabels(question);
  const k = labels.length;
  const rows = ordinals.flatMap((ordinal, row) => {
    const said = agreed.get(ordinal);
    const fits = said !== undefined && estimates.has(ordinal) && (question.multiple || labels.includes(said[0]));
    return fits ? [{ ordinal, row, said }] : [];
  });
  const own = (at: number): number => {
    const { row, said } = rows[at];
    if (!question.multiple) return posterior[row * k + labels.indexOf(said[0])];
    return labels.reduce((product, label, c) => product * (said.includes(label) ? posterior[row * k + c] : 1 - posterior[row * k + c]), 1);
  };
  const flagged = new Set<number>();
  if (question.multiple)
    for (const [c, label] of labels.entries()) {
      const given = Int32Array.from(rows, ({ said }) => (said.includes(label) ? 1 : 0));
      const both = Float64Array.from(rows.flatMap(({ row }) => [1 - posterior[row * k + c], posterior[row * k + c]]));
      for (const at of labelErrors(given, both, 2).flagged) flagged.add(at);
    }
  else {
    const given = Int32Array.from(rows, ({ said }) => labels.indexOf(said[0]));
    const theirs = Float64Array.from(rows.flatMap(({ row }) => [...posterior.subarray(row * k, row * k + k)]));
    for (const at of labelErrors(given, theirs, k).flagged) flagged.add(at);
  }
  return [...flagged]
    .map((at) => {
      const { ordinal, said } = rows[at];
      const believed = estimates.get(ordinal);
      return {
        ordinal,
        said,
        machine: (believed?.labels ?? []) as Labels,
        peopleProbability: own(at),
        machineProbability: believed?.probability ?? 0,
      };
    })
    .sort((a, b) => a.peopleProbability - b.peopleProbability || a.ordinal - b.ordinal);
}

/** People as voters: a whole answer is one label, however many labels it gives. */
function voteTableOf(people: readonly PersonVotes[], n: number): VoteTable {
  const answers = new Map<string, number>();
  const items = new Map<number, number>();
  const rows = { item: [] as number[], labeler: [] as number[], label: [] as number[] };
  people.forEach(({ ordinals, labels }, person) =>
    ordinals.forEach((ordinal, at) => {
      if (ordinal >= n) return;
      const key = labels[at].join(', ') || '(none)';
      if (!answers.has(key)) answers.set(key, answers.size);
      if (!items.has(ordinal)) items.set(ordinal, items.size);
      rows.item.push(items.get(ordinal) ?? 0);
      rows.labeler.push(person);
      rows.label.push(answers.get(key) ?? 0);
    }),
  );
  return {
    items: Array.from(items.keys(), (ordinal) => String(ordinal) as ItemId),
    labelers: people.map(({ person }) => String(person) as LabelerId),
    labels: [...answers.keys()] as LabelId[],
    item: Int32Array.from(rows.item),
    labeler: Int32Array.from(rows.labeler),
    label: Int32Array.from(rows.label),
  };
}

function peopleFigures(
  question: Question,
  people: readonly PersonVotes[],
  report: AgreementReport,
  gold: ReadonlyMap<number, Labels>,
  seconds: ReadonlyMap<number, number>,
): Quality['people'] {
  const names = new Map(people.map(({ person, name }) => [String(person), name]));
  const ofPerson = new Map(report.perLabeler.map((each) => [each.labeler, each]));
  const agrees = agreementOf(question);
  return {
    answers: report.votes,
    items: report.ratedItems,
    overlaps: report.overlaps,
    measures: { percent: report.overall.percent, alpha: report.overall['krippendorff-alpha'], ac1: report.overall['gwet-ac1'] },
    persons: people.map(({ person, name, ordinals, labels }) => {
      let scored = 0;
      let right = 0;
      ordinals.forEach((ordinal, at) => {
        const truth = gold.get(ordinal);
        if (!truth) return;
        scored += 1;
        if (agrees(labels[at], truth)) right += 1;
      });
      return {
        id: person,
        name,
        answers: ordinals.length,
        secondsPerItem: seconds.get(person) ?? null,
        withRest: ofPerson.get(String(person))?.withRest.percent ?? { kind: 'too-few', overlaps: 0, needed: 10 },
        gold: scored > 0 ? wilson(right, scored) : null,
      };
    }),
    pairs: report.pairs.map(({ labelers: [a, b], overlaps, agreement }) => ({
      a: names.get(a) ?? a,
      b: names.get(b) ?? b,
      overlaps,
      percent: agreement.percent,
      kappa: agreement['cohen-kappa'],
    })),
  };
}
