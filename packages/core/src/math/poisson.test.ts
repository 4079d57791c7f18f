import { expect, it } from 'vitest';
import { createPoisson } from './poisson.ts';
import { createRandom } from './random.ts';
import { logGamma } from './special-functions.ts';

it('frequencies are those of the distribution, on both sides of the switch', () => {
  for (const mean of [0.7, 9.5, 10.5, 300]) {
    const draw = createPoisson(createRandom(2));
    const draws = 200_000;
    const seen = new Map<number, number>();
    for (let i = 0; i < draws; i++) {
      const count = draw(mean);
      seen.set(count, (seen.get(count) ?? 0) + 1);
    }
    let squares = 0;
    let cells = 0;
    for (const [count, times] of seen) {
      const expected = draws * Math.exp(count * Math.log(mean) - mean - logGamma(count + 1));
      if (expected < 10) continue;
      squares += (times - expected) ** 2 / expected;
      cells++;
    }
    // Chi-square: mean `cells`, sd √(2·cells); five sd.
    expect(squares).toBeLessThan(cells + 5 * Math.sqrt(2 * cells));
  }
  expect(createPoisson(createRandom(1))(0)).toBe(0);
});
