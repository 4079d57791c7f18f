import { describe, expect, it } from 'vitest';
import { draftsOf, labelProblems, newLabel, writtenLabels } from './label-draft.ts';

describe('labels while they are edited', () => {
  it('come back as they were written', () => {
    const labels = [{ id: 'animal' }, { id: 'cat', parent: 'animal', hotkey: 'c', color: 'red' }, { id: 'dog', parent: 'animal' }];
    expect(writtenLabels(draftsOf(labels))).toEqual(labels);
  });

  it('leave rows without a name out, and a parent without a name', () => {
    const top = newLabel('  ');
    expect(writtenLabels([top, newLabel(' cat ', { parent: top.key })])).toEqual([{ id: 'cat' }]);
  });

  it('say who shares a name or a key', () => {
    const labels = [newLabel('cat', { hotkey: 'c' }), newLabel('cat '), newLabel('cow', { hotkey: 'c' })];
    const problems = labelProblems(labels);
    expect(labels.map(({ key }) => problems.get(key))).toEqual([
      'another label has this name',
      'another label has this name',
      'another label has the key c',
    ]);
  });

  it('say who stands below itself, without going round forever', () => {
    const [a, b, c] = [newLabel('a'), newLabel('b'), newLabel('c')];
    const labels = [
      { ...a, parent: b.key },
      { ...b, parent: a.key },
      { ...c, parent: a.key },
    ];
    expect([...labelProblems(labels).keys()]).toEqual([a.key, b.key, c.key]);
  });
});
