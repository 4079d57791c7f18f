import { describe, expect, it } from 'vitest';
import majority from '../aggregators/majority.ts';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { type AnswerColumn, firstAnswer } from '../model/answer-column.ts';
import { itemId, labelerId, labelId, questionId } from '../model/ids.ts';
import type { Question } from '../model/schema.ts';
import { decide } from './decide.ts';
import { estimateQuestion } from './question-estimate.ts';
import { type QuestionSummary, summarizeQuestion } from './question-summary.ts';
import { voteCounts } from './question-tables.ts';

const spam: Question = {
  kind: 'choice',
  id: questionId('q'),
  title: 'q',
  multiple: false,
  labels: ['ham', 'spam'].map((id) => ({ id: labelId(id) })),
};

/** h, s: a vote; '.': abstained; 'x': failed. */
function column(name: string, answers: string): AnswerColumn {
  const codes = Uint16Array.from(answers, (letter) => ({ h: firstAnswer, s: firstAnswer + 1, '.': 0, x: 1 })[letter] ?? 0);
  return { labeler: labelerId(name), silence: 'abstained', complete: false, codes, answers: [[labelId('ham')], [labelId('spam')]] };
}

function summarize(columns: readonly AnswerColumn[], gold: Readonly<Record<number, string>> = {}): QuestionSummary {
  const n = columns[0]?.codes.length ?? 0;
  const items = Array.from({ length: n }, (_, i) => itemId(`i${i}`));
  const estimate = estimateQuestion(
    spam,
    items,
    columns,
    { aggregator: majority, options: checkOptions(majority, {}) },
    { random: createRandom(0) },
  );
  const decisions = decide(estimate.confidence, voteCounts(n, columns), 0.5);
  return summarizeQuestion(
    estimate,
    columns,
    decisions,
    new Map(Object.entries(gold).map(([item, label]) => [Number(item), [labelId(label)]])),
  );
}

describe('the summary of a run, counted by hand', () => {
  const summary = summarize([column('a', 'sss.x'), column('b', 's.h..')], { 0: 'spam', 2: 'ham', 4: 'ham' });

  it('coverage and conflicts', () => {
    expect(summary).toMatchObject({ items: 5, covered: 3, conflicting: 1, waiting: { noVotes: 2 } });
    expect(summary.overlaps).toEqual([3, 2, 2, 2]);
    expect(summary.conflicts).toEqual([0, 1, 1, 0]);
  });

  it('each labeler', () => {
    expect(summary.labelers[0]).toMatchObject({
      labeler: 'a',
      voted: 3,
      votes: [0, 3],
      overlapping: 2,
      conflicting: 1,
      goldAccuracy: { n: 2, estimate: 0.5 },
    });
    expect(summary.labelers[1]).toMatchObject({
      labeler: 'b',
      voted: 2,
      votes: [1, 1],
      overlapping: 2,
      conflicting: 1,
      goldAccuracy: { n: 2, estimate: 1 },
    });
  });

  it('against gold, items without a vote included', () => {
    expect(summary.gold?.n).toBe(3);
    expect(summary.gold?.labels.reduce((sum, { gold }) => sum + gold, 0)).toBe(3);
    expect(summary).toMatchObject({ accepted: 3, gold: { acceptedAccuracy: { n: 2 } } }); // item 1 has no gold
  });

  it('every item is in one bin of confidence', () => {
    const all = [...summary.confidence.accepted, ...summary.confidence.waiting].reduce((sum, count) => sum + count, 0);
    expect(all).toBe(5);
    expect(summary.confidence.accepted.reduce((sum, count) => sum + count, 0)).toBe(summary.accepted);
  });
});

it('no items, no labelers, no votes: zeros, never NaN', () => {
  for (const summary of [summarize([]), summarize([column('a', '')]), summarize([column('a', '...')])]) {
    expect(JSON.stringify(summary)).not.toContain('null');
    expect(summary.accepted).toBe(0);
  }
});
