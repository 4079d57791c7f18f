import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../math/random.ts';
import { acceptedCount, toleratedErrors } from './accepted-count.ts';
import { acceptedShare } from './accepted-share.ts';
import { type AuditSample, drawAudit } from './audit-sample.ts';
import { certify, type ScoredLabels } from './certificate.ts';
import { lookRisk } from './look-risk.ts';

interface Pool {
  readonly score: Float64Array;
  readonly right: Uint8Array;
}

/** Labels that are right with a probability near their score, but for a shift. */
function poolOf(n: number, random: Random, shift = 0): Pool {
  const score = Float64Array.from({ length: n }, () => 1 - random.next() ** 2 * 0.7);
  return { score, right: Uint8Array.from(score, (p) => Number(random.next() < p - shift)) };
}

function auditOf(pool: Pool, size: number, random: Random): AuditSample {
  const item = drawAudit(pool.score.length, size, random);
  return { item, right: Uint8Array.from(item, (at) => pool.right[at]) };
}

function wrongIn(pool: Pool, items: ArrayLike<number>): number {
  let wrong = 0;
  for (let at = 0; at < items.length; at++) wrong += 1 - pool.right[items[at]];
  return wrong;
}

describe('acceptedShare', () => {
  it('by hand: 100 labels, the 90 surest audited, the 50 surest right, a fifth may be wrong', () => {
    const score = Float64Array.from({ length: 100 }, (_, at) => 1 - at / 200);
    const item = Int32Array.from({ length: 90 }, (_, at) => at);
    const right = Uint8Array.from(item, (at) => Number(at < 50));
    const share = acceptedShare(score, { item, right }, { targetError: 0.2, risk: 0.2 });
    // At 62 twelve are wrong (19.4 %), at 64 fourteen (21.9 %); all were seen, so that is certain.
    expect(share.proven).toMatchObject({ accepted: 62, audited: 62, wrong: 12, threshold: score[61] });
    expect(share.steps[31]).toMatchObject({ accepted: 64, proven: false, pValue: 1 });
  });

  it('breaks its promise no more often than it may', () => {
    const random = createRandom(11);
    const pool = poolOf(2000, random);
    let broken = 0;
    let accepted = 0;
    for (let run = 0; run < 400; run++) {
      const { proven } = acceptedShare(pool.score, auditOf(pool, 300, random), { targetError: 0.1, risk: 0.1 });
      const inside = [...pool.score.keys()].filter((at) => proven && pool.score[at] >= proven.threshold);
      expect(inside.length).toBe(proven?.accepted ?? 0);
      if (wrongIn(pool, inside) > 0.1 * inside.length) broken++;
      accepted += inside.length / 2000;
    }
    // Binomial(400, .1) exceeds 58 with probability .002.
    expect(broken).toBeLessThanOrEqual(58);
    expect(accepted / 400).toBeGreaterThan(0.4);
  });

  it('accepting where the sample looks good enough, without a test, does break it: the simulation can fail', () => {
    const random = createRandom(12);
    const pool = poolOf(2000, random);
    let broken = 0;
    for (let run = 0; run < 200; run++) {
      const { steps } = acceptedShare(pool.score, auditOf(pool, 300, random), { targetError: 0.1, risk: 0.1 });
      const naive = steps.findLast((step) => step.audited > 0 && step.wrong <= 0.1 * step.audited);
      const inside = [...pool.score.keys()].filter((at) => naive && pool.score[at] >= naive.threshold);
      if (wrongIn(pool, inside) > 0.1 * inside.length) broken++;
    }
    // Binomial(200, .1) never gets there.
    expect(broken).toBeGreaterThan(50);
  });

  it('scores that all tie are one step; no audits prove nothing', () => {
    const score = new Float64Array(40).fill(0.7);
    const none = { item: new Int32Array(0), right: new Uint8Array(0) };
    const share = acceptedShare(score, none, { targetError: 0.05, risk: 0.05 });
    expect(share.steps).toEqual([{ threshold: 0.7, accepted: 40, audited: 0, wrong: 0, pValue: 1, proven: false }]);
    expect(acceptedShare(new Float64Array(0), none, { targetError: 0.05, risk: 0.05 })).toEqual({ steps: [], start: 0 });
  });
});

describe('acceptedCount', () => {
  it('by hand: of 4 labels 2 audited, one wrong label allowed', () => {
    // t = 0 needs P(none of 2 wrong among 2 of 4 drawn) = 1/6 ≤ risk; t = 1 needs P(at most 1 of 3 drawn) = 1/2.
    expect(toleratedErrors(4, 1, 1, 0.4)).toBe(-1);
    expect(toleratedErrors(6, 3, 1, 0.25)).toBe(0);
    expect(toleratedErrors(6, 3, 1, 0.1)).toBe(-1);
    expect(toleratedErrors(4, 2, 2, 0.01)).toBe(Number.POSITIVE_INFINITY);
    const score = Float64Array.of(0.9, 0.8, 0.7, 0.6, 0.5, 0.4);
    const audit = { item: Int32Array.of(1, 3, 5), right: Uint8Array.of(1, 0, 1) };
    // P(none of the 2 first wrong labels among 3 of 6) = C(4,3) / C(6,3) = 1/5. None tolerated: stop before item 3.
    expect(acceptedCount(score, audit, 1, 0.25)).toEqual({ accepted: Int32Array.of(0, 2), threshold: 0.7, tolerated: 0, found: 0 });
    expect(acceptedCount(score, audit, 1, 0.1)).toMatchObject({ accepted: new Int32Array(0), tolerated: -1 });
  });

  it('keeps the errors among all labels within bounds, after adaptive labeling, for overconfident scores', () => {
    const random = createRandom(5);
    const pool = poolOf(1500, random, 0.05);
    const allowed = 75;
    let broken = 0;
    let saved = 0;
    for (let run = 0; run < 400; run++) {
      // People first label the 500 least sure items; then the rest is frozen and audited.
      const rest = [...pool.score.keys()].sort((a, b) => pool.score[b] - pool.score[a]).slice(0, 1000);
      const frozen = { score: Float64Array.from(rest, (at) => pool.score[at]), right: Uint8Array.from(rest, (at) => pool.right[at]) };
      const { accepted } = acceptedCount(frozen.score, auditOf(frozen, 200, random), allowed, 0.1);
      if (wrongIn(frozen, accepted) > allowed) broken++;
      saved += accepted.length / 1500;
    }
    expect(broken).toBeLessThanOrEqual(58);
    expect(saved / 400).toBeGreaterThan(0.3);
  });

  it('looks that spend the risk keep the promise over all of them; looks that do not, break it', () => {
    const random = createRandom(6);
    const pool = poolOf(800, random, 0.1);
    const broken = { spent: 0, unspent: 0 };
    for (let run = 0; run < 300; run++) {
      for (const kind of ['spent', 'unspent'] as const) {
        let failed = false;
        for (let look = 1; look <= 8; look++) {
          const risk = kind === 'spent' ? lookRisk(0.1, look) : 0.1;
          const { accepted } = acceptedCount(pool.score, auditOf(pool, 200, random), 40, risk);
          failed ||= wrongIn(pool, accepted) > 40;
        }
        if (failed) broken[kind]++;
      }
    }
    // Binomial(300, .1) exceeds 45 with probability .002.
    expect(broken.spent).toBeLessThanOrEqual(45);
    expect(broken.unspent).toBeGreaterThan(90);
  });
});

describe('lookRisk', () => {
  it('sums to the whole, planned or not', () => {
    let sum = 0;
    for (let look = 1; look <= 10_000; look++) sum += lookRisk(0.05, look);
    expect(sum).toBeCloseTo(0.05, 5);
    expect(sum).toBeLessThan(0.05);
    expect(lookRisk(0.05, 2, 4)).toBe(0.0125);
    expect(() => lookRisk(0.05, 5, 4)).toThrow('from 1 to 4, got 5');
  });
});

describe('certify per label', () => {
  /** 3,000 items: the common label is always right, of the rare one (a tenth) `rareErrors` is wrong. */
  function pool(rareErrors: number, random: Random): { labels: ScoredLabels; truth: string[] } {
    const labels = Array.from({ length: 3000 }, (_, at) => (at % 10 === 0 ? 'rare' : 'common'));
    const truth = labels.map((label) => (label === 'rare' && random.next() < rareErrors ? 'common' : label));
    const probability = Float64Array.from(labels, () => 0.9 + 0.1 * random.next());
    return { labels: { items: labels.map((_, at) => `i${at}`), labels, probability }, truth };
  }
  const audit = (truth: readonly string[], size: number, random: Random) =>
    Array.from(drawAudit(truth.length, size, random), (at) => ({ item: `i${at}`, label: truth[at] }));

  it('a rare label that is often wrong hides in the average, and not here', () => {
    const random = createRandom(5);
    const { labels, truth } = pool(0.3, random);
    const findings = audit(truth, 1500, random);
    expect(certify(labels, findings).certificate.kind).toBe('certified');
    const [rare, common] = certify(labels, findings, { perLabel: true }).byLabel ?? [];
    expect(rare).toMatchObject({ label: 'rare', items: 300, certificate: { kind: 'not-certified' } });
    expect(common).toMatchObject({ label: 'common', items: 2700, wrong: 0, certificate: { kind: 'certified', accepted: 2700 } });
  });

  it('breaks any of its promises no more often than it may', () => {
    const random = createRandom(6);
    let broken = 0;
    for (let run = 0; run < 200; run++) {
      const { labels, truth } = pool(0.12, random);
      const report = certify(labels, audit(truth, 1200, random), { perLabel: true, confidence: 0.9, targetError: 0.1 });
      const isBroken = (report.byLabel ?? []).some(({ label, certificate }) => {
        if (certificate.kind !== 'certified') return false;
        const inside = truth.flatMap((right, at) =>
          labels.labels[at] === label && labels.probability[at] >= certificate.threshold ? [Number(right !== label)] : [],
        );
        return inside.reduce((sum, wrong) => sum + wrong, 0) > 0.1 * inside.length;
      });
      if (isBroken) broken += 1;
    }
    // 20 are allowed on average; 33 would be three standard deviations more.
    expect(broken).toBeLessThan(33);
  });
});

describe('certify', () => {
  const random = createRandom(3);
  const { score, right } = poolOf(3000, random);
  const labels: ScoredLabels = {
    items: [...score.keys()].map((at) => `item ${at}`),
    labels: [...right].map(() => 'yes'),
    probability: score,
  };
  const findings = (size: number, seed = 1) =>
    [...drawAudit(3000, size, createRandom(seed))].map((at) => ({ item: `item ${at}`, label: right[at] ? 'yes' : 'no' }));

  it('says in one sentence what is proven', () => {
    const report = certify(labels, findings(400), { targetError: 0.1 });
    if (report.certificate.kind !== 'certified') throw new Error(report.text);
    const accepted = [...score.keys()].filter((at) => score[at] >= (report.certificate as { threshold: number }).threshold);
    expect(accepted.length).toBe(report.certificate.accepted);
    expect(report.text).toMatch(/^of \d,\d{3} accepted labels at most 10\.0 % are wrong, with 95 % confidence, 400 audited$/);
    const accuracy = right.reduce((sum, one) => sum + one, 0) / 3000;
    expect(report.accuracy.low).toBeLessThan(accuracy);
    expect(report.accuracy.high).toBeGreaterThan(accuracy);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('says how many more audits are needed, and that many do', () => {
    const few = certify(labels, findings(20), { targetError: 0.1 });
    expect(few.text).toMatch(/^cannot certify: \d+ more audits needed, drawn at random \(20 audited, target 10\.0 %, 95 % confidence\)$/);
    let proven = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { certificate } = certify(labels, findings(40, seed), { targetError: 0.1 });
      const more = certificate.kind === 'not-certified' ? (certificate.moreAudits ?? 0) : 0;
      proven += Number(certify(labels, findings(40 + more, seed + 100), { targetError: 0.1 }).certificate.kind === 'certified');
    }
    expect(proven).toBeGreaterThanOrEqual(12);
    expect(certify(labels, []).text).toMatch(/^cannot certify: \d+ more audits needed/);
  });

  it('says that the labels are not good enough where they are not', () => {
    const bad = findings(300).map(({ item }, at) => ({ item, label: at % 2 ? 'yes' : 'no' }));
    expect(certify(labels, bad, { targetError: 0.05 }).certificate).toEqual({ kind: 'not-certified', reason: 'too-many-errors' });
  });

  it('later looks and erring auditors cost', () => {
    const accepted = (options: object) => {
      const { certificate } = certify(labels, findings(600), { targetError: 0.1, ...options });
      return certificate.kind === 'certified' ? certificate.accepted : 0;
    };
    expect(accepted({ look: 5 })).toBeLessThanOrEqual(accepted({}));
    const careless = { falseAlarms: { count: 0, of: 300 }, misses: { count: 60, of: 300 } };
    expect(accepted({ auditors: careless })).toBeLessThan(accepted({}));
  });

  it('unknown and repeated audits are reported, no labels is an answer, wrong options are named', () => {
    const report = certify(labels, [...findings(100), { item: 'nobody', label: 'yes' }, findings(100)[0]]);
    expect(report.audited).toBe(100);
    expect(report.problems.map((problem) => problem.message)).toEqual([
      "item 'nobody' has no label to audit; left out",
      expect.stringContaining('was audited before'),
    ]);
    const empty = certify({ items: [], labels: [], probability: new Float64Array(0) }, []);
    expect(empty).toMatchObject({ text: 'cannot certify: there are no labels', accuracy: { low: 0, high: 1, n: 0 } });
    expect(() => certify(labels, [], { targetErorr: 0.1 })).toThrow('targetErorr');
  });
});
