import { type AnswerColumn, answerAt, firstAnswer } from '../model/answer-column.ts';
import type { ItemId, LabelId } from '../model/ids.ts';
import { labelId } from '../model/ids.ts';
import { type Question, isTree, labelIds } from '../model/schema.ts';
import type { Gold, VoteTable } from '../model/vote-table.ts';

/** A question is answered through one or more single-choice tables, so that every aggregator serves every choice question:
 *  a flat choice is one table; of several labels each is a table of its own (label, not the label); a tree is a table per inner node. */
export interface QuestionTable {
  /** Several labels: the label that this table is about. Tree: the inner node whose children it chooses from (absent at the root). */
  readonly about?: LabelId;
  readonly labels: readonly LabelId[];
  /** Which of `labels` a set of labels votes for; -1 where it says nothing to this table. */
  readonly choose: (answer: readonly LabelId[], complete: boolean) => number;
}

export function questionTables(question: Question): QuestionTable[] {
  if (question.multiple) return question.labels.map((label) => membership(question, label.id));
  if (isTree(question)) return treeTables(question);
  const labels = labelIds(question);
  return [{ labels, choose: (answer) => (answer.length === 1 ? labels.indexOf(answer[0]) : -1) }];
}

/** In a tree a label brings its ancestors along: who says `dog` says `animal`. */
function membership(question: Question, about: LabelId): QuestionTable {
  const ancestors = ancestry(question);
  const holds = (answer: readonly LabelId[]): boolean => answer.some((label) => label === about || ancestors(label).includes(about));
  return {
    about,
    labels: [about, labelId(`not ${about}`)],
    choose: (answer, complete) => (holds(answer) ? 0 : complete || answer.length === 0 ? 1 : -1),
  };
}

function treeTables(question: Question): QuestionTable[] {
  const ancestors = ancestry(question);
  const nodes = [undefined, ...labelIds(question)];
  return nodes.flatMap((about) => {
    const labels = question.labels.filter((label) => label.parent === about).map((label) => label.id);
    if (labels.length === 0) return [];
    const choose = (answer: readonly LabelId[]): number => {
      if (answer.length !== 1) return -1;
      const path = [answer[0], ...ancestors(answer[0])];
      return labels.findIndex((label) => path.includes(label));
    };
    return [about === undefined ? { labels, choose } : { about, labels, choose }];
  });
}

/** The labels above a label, nearest first. */
export function ancestry(question: Question): (label: LabelId) => readonly LabelId[] {
  const parents = new Map(question.labels.map((label) => [label.id, label.parent]));
  const known = new Map<LabelId, readonly LabelId[]>();
  const above = (label: LabelId): readonly LabelId[] => {
    let path = known.get(label);
    if (!path) {
      const parent = parents.get(label);
      path = parent === undefined ? [] : [parent, ...above(parent)];
      known.set(label, path);
    }
    return path;
  };
  return above;
}

/** The votes of the columns on one table. Failed answers and answers that say nothing to it leave no row. */
export function voteTableOf(table: QuestionTable, items: readonly ItemId[], columns: readonly AnswerColumn[]): VoteTable {
  const choices = columns.map((column) => Int32Array.from(column.answers, (answer) => table.choose(answer, column.complete)));
  let rows = 0;
  columns.forEach((column, c) => {
    for (const code of column.codes) if (code >= firstAnswer && choices[c][code - firstAnswer] >= 0) rows += 1;
  });
  const item = new Int32Array(rows);
  const labeler = new Int32Array(rows);
  const label = new Int32Array(rows);
  const confidence = columns.some((column) => column.confidences) ? new Float64Array(rows).fill(Number.NaN) : undefined;
  let row = 0;
  for (let i = 0; i < items.length; i++) {
    for (let c = 0; c < columns.length; c++) {
      const code = columns[c].codes[i];
      if (code < firstAnswer) continue;
      const choice = choices[c][code - firstAnswer];
      if (choice < 0) continue;
      item[row] = i;
      labeler[row] = c;
      label[row] = choice;
      const given = columns[c].confidences;
      if (confidence && given) confidence[row] = given[i];
      row += 1;
    }
  }
  const silence = columns.map((column) => column.silence);
  const labelers = columns.map((column) => column.labeler);
  return { items, labelers, labels: table.labels, item, labeler, label, silence, ...(confidence && { confidence }) };
}

/** Gold answers (whole label sets per item) as seen by one table. */
export function goldOf(table: QuestionTable, gold: ReadonlyMap<number, readonly LabelId[]>): Gold {
  const rows = [...gold].map(([item, answer]) => [item, table.choose(answer, true)] as const).filter(([, choice]) => choice >= 0);
  return { item: Int32Array.from(rows, ([item]) => item), label: Int32Array.from(rows, ([, choice]) => choice) };
}

/** How many columns cast a label on each item. */
export function voteCounts(n: number, columns: readonly AnswerColumn[]): Uint16Array {
  const counts = new Uint16Array(n);
  for (const column of columns) for (let i = 0; i < n; i++) if (answerAt(column, i) !== undefined) counts[i] += 1;
  return counts;
}
