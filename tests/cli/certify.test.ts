import { expect, it } from 'vitest';
import { folderWith, jsonOf, labelwright } from './run-cli.ts';

/** 1,000 labels of falling probability, of which those from `firstWrong` on are wrong. */
function pool(firstWrong: number): { labels: string; audit: string } {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ id: `i${i}`, probability: 1 - i / 2000, right: i < firstWrong }));
  return {
    labels: `item,label,probability\n${rows.map(({ id, probability }) => `${id},a,${probability}`).join('\n')}\n`,
    audit: `item,label\n${rows
      .filter((_, i) => (i * 7) % 3 === 0)
      .map(({ id, right }) => `${id},${right ? 'a' : 'b'}`)
      .join('\n')}\n`,
  };
}

it('accepts as far down as the audit proves, in a sentence and as JSON', () => {
  const { labels, audit } = pool(700);
  const folder = folderWith({ 'labels.csv': labels, 'audit.csv': audit });
  const { status, stdout, stderr } = labelwright(['certify', 'labels.csv', '--gold', 'audit.csv', '--report', 'report.json'], folder);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/accepted labels at most 5(\.0)? % are wrong, with 95 % confidence/);
  const report = jsonOf(folder, 'report.json') as { audited: number; certificate: { kind: string; accepted: number } };
  expect(report.audited).toBe(334);
  expect(report.certificate.kind).toBe('certified');
  expect(report.certificate.accepted).toBeGreaterThan(600);
  expect(report.certificate.accepted).toBeLessThanOrEqual(740);
});

it('proves nothing where the surest labels are wrong, and says so', () => {
  const { labels, audit } = pool(0);
  const folder = folderWith({ 'labels.csv': labels, 'audit.csv': audit });
  const { status, stdout } = labelwright(['certify', 'labels.csv', '--gold', 'audit.csv'], folder);
  expect(status).toBe(0);
  expect(stdout).toMatch(/cannot certify/i);
});

it('labels without probabilities, a wrong target, no labels', () => {
  const folder = folderWith({
    'labels.csv': 'item,label\n1,a\n',
    'audit.csv': 'item,label\n1,a\n',
    'none.csv': 'item,label,probability\n',
  });
  expect(labelwright(['certify', 'labels.csv', '--gold', 'audit.csv'], folder)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('has no probability') as string,
  });
  expect(labelwright(['certify', 'none.csv', '--gold', 'audit.csv'], folder)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no label to certify') as string,
  });
  expect(labelwright(['certify', 'labels.csv', '--gold', 'audit.csv', '--target-error', '2'], folder).status).toBe(2);
});
