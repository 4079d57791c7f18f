import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Randomness is an argument: same seed, same numbers, on every machine. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** Standard normal. */
  normal(): number;
  /** An independent stream named by `label`: what one part draws does not shift what another sees. */
  fork(label: string): Random;
  /** Fisher–Yates, in place. */
  shuffle<List extends { length: number; [index: number]: unknown }>(list: List): List;
}

export function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed | 0);
  const next = (): number => uniformFloat64(generator);
  const random: Random = {
    next,
    integer: (below) => Math.floor(next() * below),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    fork: (label) => createRandom(Math.imul(seed | 0, 0x9e3779b1) ^ hashText(label)),
    shuffle: (list) => {
      for (let last = list.length - 1; last > 0; last--) {
        const other = random.integer(last + 1);
        [list[last], list[other]] = [list[other], list[last]];
      }
      return list;
    },
  };
  return random;
}

/** FNV-1a over UTF-16 code units, finished by an avalanche: a signed 32-bit integer. For spreading things evenly, not for secrets. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
