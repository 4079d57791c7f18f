import type { LabelerPreview } from '@labelwright/contract/labelers';
import { type Answerer, Sample } from '@labelwright/core/labelers/labeler';
import { createRandom } from '@labelwright/core/math/random';
import { wilson } from '@labelwright/core/math/statistics';
import { checkOptions } from '@labelwright/core/model/about';
import { labelsOf } from '@labelwright/core/model/answer';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelId, QuestionId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import { questionOf } from '@labelwright/core/model/schema';
import type { Explanation } from '@labelwright/core/model/vote';
import { foldOf } from '@labelwright/core/pipeline/cross-fit';
import { type Agrees, agreementOf } from '@labelwright/core/pipeline/vote-pairs';
import { techniqueNamed } from '@labelwright/engine/runs/stored-labeler';
import { posteriorLabels } from '../present-answer.ts';
import { intervalOf } from '../stores/labelers.ts';
import { Numbers, type ProjectSample, type QuestionSample, type SampledItem } from './project-sample.ts';

export interface Definition {
  readonly use: string;
  readonly with: Readonly<Record<string, unknown>>;
  readonly question: string | undefined;
}

/** The definition made ready, or what is wrong with it. @throws CoreError 'unknown-technique', 'unknown-question', 'bad-options' with the key */
export async function checkDefinition(sample: Pick<ProjectSample, 'schema'>, definition: Definition): Promise<void> {
  const question = questionOf(sample.schema, definition.question as QuestionId | undefined);
  const technique = techniqueNamed(definition.use);
  const options: unknown = checkOptions(technique, definition.with);
  if (technique.learn) return;
  const answerer = await technique.prepare({ question, options, model: null });
  answerer.dispose?.();
}

/** Rules that are slow are tried on fewer items. */
const patienceMs = 1500;
const mostTraining = 2000;
const fewestTraining = 20;
const shownExamples = 30;
const shownCharacters = 20_000;
const shownFlips = 20;

/** Tries a definition on the sample. @param replaces the labeler that it is a new version of: not compared with itself */
export async function previewLabeler(sample: ProjectSample, definition: Definition, replaces: number | undefined): Promise<LabelerPreview> {
  const started = performance.now();
  const question = questionOf(sample.schema, definition.question as QuestionId | undefined);
  const known = await sample.of(question);
  const { answerer, isJudged } = await prepare(sample, known, definition);
  try {
    const tried = tryOut(answerer, sample.items, known, isJudged);
    const scores = score(tried, known);
    const columns = known.columns.filter(({ labeler }) => labeler !== replaces);
    return {
      ...scores,
      conflicts: conflictsWith(tried, columns, known.answers),
      against: against(tried, known),
      examples: examples(tried, { ...known, columns }, sample.items, answerer),
      milliseconds: Math.round(performance.now() - started),
    };
  } finally {
    answerer.dispose?.();
  }
}

interface Prepared {
  readonly answerer: Answerer;
  /** Those that it did not learn from. */
  readonly isJudged: (item: SampledItem) => boolean;
}

async function prepare(sample: ProjectSample, known: QuestionSample, { use, with: given }: Definition): Promise<Prepared> {
  const technique = techniqueNamed(use);
  const options: unknown = checkOptions(technique, given);
  const { question } = known;
  if (!technique.learn) return { answerer: await technique.prepare({ question, options, model: null }), isJudged: () => true };
  const { posterior } = known;
  const half = (item: SampledItem): boolean => foldOf(item.sample.item.id, 2, 1) === 0;
  const rows = posterior ? sample.items.map((_, at) => at).filter((at) => known.votes[at] > 0 && half(sample.items[at])) : [];
  if (!posterior || rows.length < fewestTraining)
    throw new CoreError('bad-options', `${use}: there is nothing to learn from yet: run some other labelers first`);
  const labels = posteriorLabels(question);
  const k = labels.length;
  const chosen = createRandom(1).shuffle(rows).slice(0, mostTraining);
  const taught = new Float64Array(chosen.length * k);
  chosen.forEach((at, row) => taught.set(posterior.subarray(at * k, (at + 1) * k), row * k));
  const samples = chosen.map((at) => new Sample(sample.items[at].sample.item));
  const model = technique.learn({ samples, labels, posterior: taught, multiple: question.multiple }, options, createRandom(1)) as Json;
  return { answerer: await technique.prepare({ question, options, model }), isJudged: (item) => !half(item) };
}

interface Tried {
  readonly agrees: Agrees;
  /** Positions of the items that it was tried on, as far as patience went. */
  readonly positions: readonly number[];
  /** Number of its answer per position, over sample and answered items; −1: none. */
  readonly said: Int32Array;
  readonly answers: readonly (readonly LabelId[])[];
  readonly failures: number;
  readonly firstFailure: string | null;
}

function tryOut(answerer: Answerer, items: readonly SampledItem[], known: QuestionSample, isJudged: Prepared['isJudged']): Tried {
  const all = [...items, ...known.answered];
  const numbers = new Numbers();
  const said = new Int32Array(all.length).fill(-1);
  const positions: number[] = [];
  const end = performance.now() + patienceMs;
  let failures = 0;
  let firstFailure: string | null = null;
  for (const at of inTurn(items.length, all.length)) {
    if (performance.now() > end) break;
    const { sample } = all[at];
    if (!isJudged(all[at])) continue;
    const answer = answerer.answer(sample);
    positions.push(at);
    if (answer.kind === 'labels') said[at] = numbers.of(labelsOf(answer));
    if (answer.kind !== 'failed') continue;
    failures += 1;
    firstFailure ??= `item ${sample.item.id}: ${answer.reason}`;
  }
  return { agrees: agreementOf(known.question), positions, said, answers: numbers.list, failures, firstFailure };
}

/** All over the sample first here and there, so that an early end is a sample as well; then what is beyond it. */
function* inTurn(sampled: number, all: number): Generator<number> {
  const strides = 32;
  for (let start = 0; start < strides; start++) for (let at = start; at < sampled; at += strides) yield at;
  for (let at = sampled; at < all; at++) yield at;
}

function score({ positions, said, answers, agrees, failures, firstFailure }: Tried, { question, gold, people, present }: QuestionSample) {
  const isSampled = (at: number): boolean => at < present.length;
  const counts = new Map<string, number>(question.labels.map(({ id }) => [id, 0]));
  let voted = 0;
  const right = { gold: 0, people: 0 };
  const scored = { gold: 0, people: 0 };
  for (const at of positions) {
    if (said[at] < 0) continue;
    const labels = answers[said[at]];
    for (const [by, truth] of [['gold', gold.get(at)] as const, ['people', people.get(at)] as const]) {
      if (!truth) continue;
      scored[by] += 1;
      if (agrees(labels, truth)) right[by] += 1;
    }
    if (!isSampled(at)) continue;
    voted += 1;
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return {
    sampled: positions.filter(isSampled).length,
    voted,
    votes: [...counts].map(([label, count]) => ({ label, count })),
    goldAccuracy: intervalOf(wilson(right.gold, scored.gold)),
    peopleAccuracy: intervalOf(wilson(right.people, scored.people)),
    failures,
    firstFailure,
  };
}

type Columns = QuestionSample['columns'];

/** Worst first. */
function conflictsWith(
  { positions, said, answers, agrees }: Tried,
  columns: Columns,
  known: readonly (readonly LabelId[])[],
): LabelerPreview['conflicts'] {
  return columns
    .map((column) => {
      let both = 0;
      let differ = 0;
      for (const at of positions) {
        const other = column.said[at] ?? -1;
        if (said[at] < 0 || other < 0) continue;
        both += 1;
        if (!agrees(answers[said[at]], known[other])) differ += 1;
      }
      return { labeler: column.name, both, differ };
    })
    .filter(({ both }) => both > 0)
    .sort((a, b) => b.differ - a.differ || b.both - a.both);
}

/** Present answers that it votes against. */
function against({ positions, said, answers, agrees }: Tried, { present, answers: known }: QuestionSample): LabelerPreview['against'] {
  const flips = new Map<string, { readonly from: string; readonly to: string; count: number }>();
  for (const at of positions) {
    const before = present[at] ?? -1;
    if (said[at] < 0 || before < 0 || agrees(answers[said[at]], known[before])) continue;
    const [from, to] = [known[before].join(', '), answers[said[at]].join(', ')];
    const key = `${from}\n${to}`;
    const flip = flips.get(key) ?? { from, to, count: 0 };
    flip.count += 1;
    flips.set(key, flip);
  }
  return [...flips.values()].sort((a, b) => b.count - a.count).slice(0, shownFlips);
}

/** Conflicting ones first, of these the ones that were surest before. */
function examples(tried: Tried, known: QuestionSample, items: readonly SampledItem[], answerer: Answerer): LabelerPreview['examples'] {
  const { positions, said, answers, agrees } = tried;
  const { present, probability, columns } = known;
  const isAgainst = (at: number): boolean => {
    const labels = answers[said[at]];
    if (present[at] >= 0 && !agrees(labels, known.answers[present[at]])) return true;
    return columns.some((column) => column.said[at] >= 0 && !agrees(labels, known.answers[column.said[at]]));
  };
  const voted = positions.filter((at) => at < items.length && said[at] >= 0);
  const conflicting = voted.filter(isAgainst).sort((a, b) => probability[b] - probability[a] || a - b);
  const rest = voted.filter((at) => !isAgainst(at)).sort((a, b) => a - b);
  const spread = rest.filter((_, at) => at % Math.max(1, Math.floor(rest.length / shownExamples)) === 0);
  const chosen = [...conflicting.slice(0, shownExamples - Math.min(10, spread.length)), ...spread].slice(0, shownExamples);
  const isConflict = new Set(conflicting);
  return chosen.map((at) => {
    const { ordinal, sample } = items[at];
    const explanation = answerer.explain?.(sample);
    return {
      ordinal,
      id: sample.item.id,
      labels: [...answers[said[at]]],
      answer: present[at] < 0 ? null : [...known.answers[present[at]]],
      ...(explanation && { reason: explanation.reason }),
      parts: partsOf(sample),
      matches: matchesOf(explanation),
      conflicting: isConflict.has(at),
    };
  });
}

function partsOf({ item }: Sample): { name: string; content: string }[] {
  return Object.entries(item.parts).flatMap(([name, part]) =>
    part.modality === 'text'
      ? [
          {
            name,
            content: Array.from(part.content.slice(0, 2 * shownCharacters))
              .slice(0, shownCharacters)
              .join(''),
          },
        ]
      : [],
  );
}

function matchesOf(explanation: Explanation | undefined): LabelerPreview['examples'][number]['matches'] {
  return (explanation?.matches ?? [])
    .filter(({ end }) => end <= shownCharacters)
    .map(({ part, start, end, label }) => ({ part, start, end, ...(label !== undefined && { label }) }));
}
