import { describe, expect, it } from 'vitest';
import majority from '../aggregators/majority.ts';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { type AnswerColumn, firstAnswer } from '../model/answer-column.ts';
import { itemId, labelerId, labelId, questionId } from '../model/ids.ts';
import type { Question } from '../model/schema.ts';
import { bestAnswer, estimateQuestion, type QuestionContext, type QuestionEstimate } from './question-estimate.ts';

const method = { aggregator: majority, options: checkOptions(majority, {}) };

function question(labels: readonly [string, string?][], multiple: boolean): Question {
  const described = labels.map(([id, parent]) => ({ id: labelId(id), ...(parent !== undefined && { parent: labelId(parent) }) }));
  return { kind: 'choice', id: questionId('q'), title: 'q', multiple, labels: described };
}

function estimate(
  asked: Question,
  columns: readonly (readonly (readonly string[])[])[],
  context: Partial<QuestionContext> = {},
): QuestionEstimate {
  const items = columns[0].map((_, i) => itemId(`item ${i}`));
  const answered = columns.map(
    (answers, c): AnswerColumn => ({
      labeler: labelerId(`labeler ${c}`),
      silence: 'abstained',
      complete: false,
      codes: Uint16Array.from(answers, (answer, i) => (answer.length === 0 ? 0 : firstAnswer + i)),
      answers: answers.map((answer) => answer.map(labelId)),
    }),
  );
  return estimateQuestion(asked, items, answered, method, { random: createRandom(0), ...context });
}

describe('a tree', () => {
  const kinds = question([['animal'], ['plant'], ['dog', 'animal'], ['cat', 'animal']], false);

  it('P(leaf) is the product along its path; leaves sum to 1', () => {
    const { labels, posterior, confidence, tables } = estimate(kinds, [[['dog'], ['animal'], []]]);
    expect(labels).toEqual(['plant', 'dog', 'cat']);
    const [root, animals] = tables.map((table) => table.estimate.posterior);
    expect(posterior[1]).toBeCloseTo(root[0] * animals[0], 12);
    for (let i = 0; i < 3; i++) expect(posterior[i * 3] + posterior[i * 3 + 1] + posterior[i * 3 + 2]).toBeCloseTo(1, 12);
    expect(confidence[0]).toBe(Math.max(...posterior.subarray(0, 3)));
  });
});

describe('several labels', () => {
  const topics = question([['refund'], ['bug']], true);

  it('the answer is what is more likely than not; it is right when every label is', () => {
    const given = estimate(topics, [[['refund'], ['refund', 'bug'], [], []]], { shares: Float64Array.of(0.4, 0.1) });
    expect([0, 1, 2].map((row) => bestAnswer(given, row))).toEqual([['refund'], ['refund', 'bug'], []]);
    const [refund, bug] = given.posterior;
    expect(given.confidence[0]).toBeCloseTo(refund * (1 - bug), 12);
  });

  it('without known shares a label is as rare as the votes for it', () => {
    const rows = Array.from({ length: 40 }, (_, i) => (i === 0 ? ['bug'] : i < 20 ? ['refund'] : []));
    const { posterior } = estimate(topics, [rows]);
    const [refund, bug] = posterior.subarray(39 * 2);
    expect(refund).toBeCloseTo(19.5 / 41, 6);
    expect(bug).toBeCloseTo(1.5 / 41, 6);
  });
});

it('gold and shares reach a flat question', () => {
  const flat = question([['ham'], ['spam']], false);
  const { posterior } = estimate(flat, [[[], []]], { shares: Float64Array.of(0.7, 0.3) });
  expect([...posterior]).toEqual([0.7, 0.3, 0.7, 0.3]);
});
