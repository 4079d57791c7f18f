import { expect, test } from 'vitest';
// @ts-expect-error -- a plain script, shared with the benchmark
import * as wsData from '../../benchmarks/ws-data.mjs';
import { createRandom } from '../../packages/core/src/math/random.ts';
import { checkOptions } from '../../packages/core/src/model/about.ts';
import type { Estimate } from '../../packages/core/src/model/estimate.ts';
import type { VoteTable } from '../../packages/core/src/model/vote-table.ts';
import type { AnyAggregator } from '../../packages/core/src/aggregators/aggregator.ts';
import dawidSkene from '../../packages/core/src/aggregators/dawid-skene.ts';
import { decideSilence } from '../../packages/core/src/aggregators/decide-silence.ts';
import ibcc from '../../packages/core/src/aggregators/ibcc.ts';
import labelingFunctions from '../../packages/core/src/aggregators/labeling-functions.ts';
import majority from '../../packages/core/src/aggregators/majority.ts';

const { hasData, readSet, score } = wsData as {
  hasData: () => boolean;
  readSet: (name: string) => { votes: VoteTable };
  score: (set: { votes: VoteTable }, estimate: Estimate) => { value: number };
};
const there = hasData();
if (!there) console.warn('aggregators: ../shared/data/ws is missing, the public sets are not tested');

function scoreOf(name: string, aggregator: AnyAggregator): number {
  const set = readSet(name);
  return score(set, aggregator.aggregate(set.votes, checkOptions(aggregator, {}), { random: createRandom(0) })).value;
}

// Y. Li, B. Rubinstein & T. Cohn (2019), ICML: the table of iBCC, which has no free choice left that we do not share.
test.skipIf(!there).each([
  ['crowd-music', 79.0],
  ['crowd-sp', 91.5],
  ['crowd-product', 93.8],
  ['crowd-bluebird', 88.9],
  ['crowd-dog', 83.9],
  ['crowd-rte', 92.8],
  ['crowd-trec-rel', 70.5],
])('%s: iBCC as published', (name, published) => {
  expect(scoreOf(name, ibcc)).toBeCloseTo(published, 0);
});

test.skipIf(!there)('priors and the truth’s skew: product, where one accuracy per labeler is not enough', () => {
  expect(scoreOf('crowd-product', dawidSkene)).toBeGreaterThan(93);
  expect(scoreOf('crowd-product', majority)).toBeLessThan(91);
});

test.skipIf(!there)('rules: trec, where silence must not be explained by rare classes', () => {
  expect(scoreOf('trec', labelingFunctions)).toBeGreaterThan(64);
  expect(scoreOf('trec', dawidSkene)).toBeLessThan(55);
});

test.skipIf(!there).each([
  ['youtube', 'abstained'],
  ['sms', 'abstained'],
  ['trec', 'abstained'],
  ['crowd-music', 'unasked'],
  ['crowd-rte', 'unasked'],
  ['crowd-relevance', 'unasked'],
] as const)('%s: silence of nearly all labelers is %s', (name, wanted) => {
  const { silence } = decideSilence({ ...readSet(name).votes });
  expect(silence.filter((one) => one === wanted).length).toBeGreaterThan(0.98 * silence.length);
});
