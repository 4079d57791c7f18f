import { expect, test } from 'vitest';
import { nextStep, type Standing } from './next-step.ts';

const standing: Standing = {
  items: 6_000,
  labelers: 5,
  answers: 120,
  run: 'fresh',
  accepted: 4_870,
  waiting: 1_176,
  flagged: 0,
  newAnswers: 0,
  secondsPerItem: 4,
  audit: { kind: 'none', wanted: 312, pool: 4_800, targetError: 0.03 },
};

test('a proof comes before the labels that wait where it is cheap, and says what it takes', () => {
  expect(nextStep(standing)).toEqual({
    action: 'audit',
    title: 'Audit 312 items',
    reason: '312 random checks will probably prove that at most 3 % of the 4,800 accepted labels are wrong. About 21 minutes at your pace.',
  });
  expect(nextStep({ ...standing, answers: 3 }).action).toBe('label');
  expect(nextStep({ ...standing, audit: { kind: 'none', wanted: 2_000, pool: 4_800, targetError: 0.03 } }).action).toBe('label');
  expect(nextStep({ ...standing, waiting: 0, answers: 0 }).action).toBe('audit');
});

test('an audit under way goes on, one that fell short is extended, one that proved it leads to the export', () => {
  expect(nextStep({ ...standing, audit: { kind: 'open', left: 1 } })).toMatchObject({ action: 'continue-audit', title: 'Answer 1 audit' });
  expect(nextStep({ ...standing, audit: { kind: 'short', more: 40 } })).toMatchObject({ action: 'audit', title: 'Audit 40 more' });
  expect(nextStep({ ...standing, audit: { kind: 'hopeless' } }).action).toBe('label');
  expect(nextStep({ ...standing, audit: { kind: 'certified' } }).action).toBe('label');
  expect(nextStep({ ...standing, waiting: 0, audit: { kind: 'certified' } })).toEqual({
    action: 'export',
    title: 'Export',
    reason: 'Nothing waits: 4,870 items accepted, under a certificate.',
  });
});

test('labels that are about to change are not audited', () => {
  expect(nextStep({ ...standing, newAnswers: 60 }).action).toBe('run');
  expect(nextStep({ ...standing, run: 'stale', audit: { kind: 'open', left: 3 } }).action).toBe('run');
});
