import { describe, expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

describe('nearestName', () => {
  test.each([
    ['spm', 'spam'],
    ['sapm', 'spam'],
    ['SPAM', 'spam'],
    ['hm', 'ham'],
    ['advertisment', 'advertisement'],
  ])('%s → %s', (given, meant) => {
    expect(nearestName(given, ['ham', 'spam', 'advertisement'])).toBe(meant);
  });

  test('guesses nothing where too much differs or there is nothing', () => {
    expect(nearestName('positive', ['spam', 'ham'])).toBeUndefined();
    expect(nearestName('x', ['n'])).toBeUndefined();
    expect(nearestName('spam', [])).toBeUndefined();
  });

  test('ties go to the first', () => {
    expect(nearestName('cat', ['bat', 'rat'])).toBe('bat');
  });
});
