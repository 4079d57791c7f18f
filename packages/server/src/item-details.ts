import type { ItemDetail } from '@labelwright/contract/items';
import type { Settings } from '@labelwright/contract/projects';
import type { Explanation } from '@labelwright/core/model/vote';
import { askedTechnique } from '@labelwright/engine/project/asked';
import type { Viewed } from './columns/views.ts';
import type { Context } from './context.ts';
import { definitionOf } from './explaining/definition.ts';
import { explainer } from './explaining/explainer.ts';
import { posteriorLabels } from './present-answer.ts';
import { hiddenFields, presentRow, shownItem, shownParts } from './present-item.ts';
import type { MachineVote } from './stores/evidence.ts';
import type { Comment, HistoryEntry, ItemRecord } from './stores/item-records.ts';
import { loadGold } from './stores/gold.ts';
import { settingsOf } from './stores/projects.ts';
import { storedEvidence } from './stored-evidence.ts';

/** Who looks at an item, and what for. */
export interface Onlooker {
  readonly person: number;
  /** To label it, as everybody in the queue and annotators everywhere: without gold, hidden fields, what others answered before one has answered, and
   *  in blind projects without the machine's opinion. */
  readonly isLabeling: boolean;
  /** To audit it: without anybody's opinion but their own. */
  readonly isBlind?: true;
}

export interface DetailOptions {
  /** How long to wait for the labelers' reasons; without them the votes stand alone. */
  readonly reasonsWithinMs: number;
}

/** Items with their evidence, as far as the onlooker may see it, in the order of the ordinals. Those that are not there are left out. */
export async function itemDetails(
  context: Context,
  viewed: Viewed,
  ordinals: readonly number[],
  onlooker: Onlooker,
  options: DetailOptions,
): Promise<ItemDetail[]> {
  const { project, view } = viewed;
  const settings = settingsOf(project);
  const isFirst = project.schema.questions[0]?.id === view.question.id;
  const [{ items, versions, history, comments, posteriors, votes }, gold] = await Promise.all([
    storedEvidence(context, viewed, ordinals),
    onlooker.isLabeling
      ? new Map<number, readonly string[]>()
      : loadGold(context.pool, project.id, isFirst ? settings : {}, view.question, Int32Array.from(ordinals)),
  ]);
  const details = ordinals.flatMap((ordinal) => {
    const item = items.get(ordinal);
    if (!item) return [];
    const at = <Row extends { readonly ordinal: number }>(rows: readonly Row[]) => rows.filter((row) => row.ordinal === ordinal);
    const parts: Parts = {
      viewed,
      settings,
      gold: gold.get(ordinal) ?? null,
      item,
      version: versions.get(ordinal) ?? 0,
      history: at(history),
      comments: at(comments),
      posterior: posteriors.get(ordinal) ?? null,
      votes: at(votes),
    };
    return [detailOf(context, parts, onlooker, options)];
  });
  return Promise.all(details);
}

interface Parts {
  readonly viewed: Viewed;
  readonly settings: Settings;
  readonly item: ItemRecord;
  readonly version: number;
  readonly history: readonly HistoryEntry[];
  readonly comments: readonly Comment[];
  readonly posterior: readonly number[] | null;
  readonly votes: readonly MachineVote[];
  readonly gold: readonly string[] | null;
}

async function detailOf(context: Context, parts: Parts, onlooker: Onlooker, options: DetailOptions): Promise<ItemDetail> {
  const { viewed, settings, item, version, history, comments } = parts;
  const { view } = viewed;
  const sight = sightOf(parts, onlooker);
  const shown = shownItem(item, settings);
  const row = presentRow(view, item, sight.others);
  const labels = posteriorLabels(view.question);
  const explanations = sight.machine ? await reasons(context, parts, options) : [];
  return {
    ...row,
    fields: onlooker.isLabeling ? withoutHidden(item.fields, settings) : item.fields,
    ...(!sight.machine && { probability: null, decision: 'no-votes' as const, votes: 0, disagreement: false }),
    ...(!sight.present && { answer: null }),
    parts: shownParts(shown),
    question: view.question.id,
    labels,
    posterior: sight.machine && parts.posterior?.length === labels.length ? [...parts.posterior] : null,
    evidence: sight.machine
      ? [...parts.votes.map((vote, at) => presentVote(vote, explanations[at] ?? null)), ...peoplesVotes(history, onlooker, sight)]
      : null,
    answers: history
      .filter(({ person }) => sight.others || person === onlooker.person)
      .map(({ action, name, labels: given, kind, note, seconds, created_at }) => ({
        id: action,
        person: name,
        labels: given && [...given],
        kind,
        note,
        seconds: kind === 'retract' ? null : seconds,
        createdAt: created_at.toISOString(),
      })),
    comments: comments.map(({ id, person, text, created_at }) => ({ id, person, text, createdAt: created_at.toISOString() })),
    ...(!onlooker.isLabeling && { gold: parts.gold && [...parts.gold] }),
    version,
  };
}

interface Sight {
  /** What other people said. */
  readonly others: boolean;
  /** What the labelers voted and what was made of it. */
  readonly machine: boolean;
  /** The answer that holds at present. */
  readonly present: boolean;
}

/** A run takes people's answers in, so the posterior tells what others answered: it is shown no sooner than these. */
function sightOf({ settings, history }: Parts, { person, isLabeling, isBlind }: Onlooker): Sight {
  if (isBlind) return { others: false, machine: false, present: false };
  if (!isLabeling) return { others: true, machine: true, present: true };
  const others = history.some((entry) => entry.person === person && entry.present && entry.kind === 'answer');
  const isFirst = history.every((entry) => entry.person === person);
  const machine = !settings.blind && (others || isFirst);
  return { others, machine, present: others || machine };
}

function withoutHidden(fields: ItemRecord['fields'], settings: Settings): ItemRecord['fields'] {
  const hidden = hiddenFields(settings);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !hidden.has(name)));
}

function presentVote(vote: MachineVote, explanation: Explanation | null): NonNullable<ItemDetail['evidence']>[number] {
  const { name, use, labels, confidence, accuracy } = vote;
  const asked = askedTechnique(use) && modelOf(vote);
  return {
    labeler: name,
    kind: use,
    labels: [...labels],
    ...(confidence !== null && { confidence }),
    accuracy,
    ...(explanation ? { reason: explanation.reason } : asked !== undefined && { reason: asked }),
    ...(explanation?.matches && {
      matches: explanation.matches.map(({ part, start, end, label }) => ({ part, start, end, ...(label !== undefined && { label }) })),
    }),
  };
}

/** Language models give no reasons that could be trusted: who said it is all that is known. */
function modelOf({ options }: MachineVote): string | undefined {
  const { model, connection } = options as { readonly model?: string; readonly connection?: string };
  return model === undefined ? undefined : `${model} said so${connection === undefined ? '' : `, asked through ${connection}`}`;
}

function peoplesVotes(history: readonly HistoryEntry[], { person }: Onlooker, { others }: Sight): NonNullable<ItemDetail['evidence']> {
  return history.flatMap((entry) => {
    if (!entry.present || entry.kind !== 'answer' || !(others || entry.person === person)) return [];
    return [{ labeler: entry.name, kind: 'person', labels: [...(entry.labels ?? [])], accuracy: null }];
  });
}

function reasons(context: Context, { viewed, item, settings, votes }: Parts, { reasonsWithinMs }: DetailOptions) {
  const asked = votes.map((vote) => definitionOf(context, viewed.view.question, vote));
  return explainer.explain(shownItem(item, settings), asked, reasonsWithinMs);
}
