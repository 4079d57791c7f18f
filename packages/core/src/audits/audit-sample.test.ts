import { expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import { madeField } from '../model/made.ts';
import { checkAudit, drawAuditOf } from './audit-sample.ts';
import { certify } from './certificate.ts';

const items = Array.from({ length: 40 }, (_, i) => ({ fields: i % 4 === 0 ? { [madeField]: 'yes' } : {} }));

it('made items are never drawn, found ones all the same', () => {
  const drawn = new Set<number>();
  for (let seed = 0; seed < 50; seed++) for (const row of drawAuditOf(items, 5, createRandom(seed))) drawn.add(row);
  expect([...drawn].sort((a, b) => a - b)).toEqual(items.map((_, i) => i).filter((i) => i % 4 !== 0));
  expect(drawAuditOf(items, 30, createRandom(1))).toHaveLength(30);
  expect(() => drawAuditOf(items, 31, createRandom(1))).toThrow('size must be 0..30');
});

it('an audit of a made item is refused', () => {
  const audit = { item: Int32Array.of(1, 4), right: Uint8Array.of(1, 1) };
  expect(checkAudit(audit, 40)).toBe(audit);
  expect(() => checkAudit(audit, 40, items)).toThrow('item 4 was made, not found');
});

it('a certificate speaks of found items: made ones are neither counted nor taken as findings', () => {
  const ids = Array.from({ length: 200 }, (_, i) => `item ${i}`);
  const pool = { items: ids, labels: ids.map(() => 'a'), probability: new Float64Array(200).fill(0.9) };
  const findings = ids.slice(0, 150).map((item) => ({ item, label: 'a' }));
  const made = new Set(ids.slice(100));
  const report = certify({ ...pool, made }, findings, { targetError: 0.05 });
  expect(report.items).toBe(100);
  expect(report.audited).toBe(100);
  expect(report.problems).toHaveLength(50);
  expect(certify(pool, findings, { targetError: 0.05 }).items).toBe(200);
});
