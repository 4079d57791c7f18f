import { createPoisson } from '../math/poisson.ts';
import type { Random } from '../math/random.ts';
import { percentiles, wilson } from '../math/statistics.ts';
import type { Agreement, AgreementOptions } from './agreement-measure.ts';

/** What items add to a measure's statistics. Unit u stands for `times[u]` items, each of which adds `value[e]` to statistic `index[e]`, for e in
 *  `[offsets[u], offsets[u + 1])`. A measure is a function of the sums alone, so a bootstrap replicate costs by unit, not by item. */
export interface Units {
  /** Number of statistics. */
  readonly size: number;
  readonly offsets: Int32Array;
  readonly index: Int32Array;
  readonly value: Float64Array;
  readonly times: Float64Array;
  /** How many items they stand for. */
  readonly items: number;
}

/** A coefficient in parts: 1 − disagreement / chance. */
export interface Parts {
  readonly disagreement: number;
  /** The disagreement that chance alone would give. */
  readonly chance: number;
  /** The mean distance of two different labels in the unit of the other two: 1 for nominal measures. */
  readonly spread: number;
}

export class UnitsBuilder {
  private readonly offsets: number[] = [0];
  private readonly index: number[] = [];
  private readonly value: number[] = [];
  private readonly times: number[] = [];

  /** Adds to a statistic of the unit under construction. */
  add(index: number, value: number): void {
    this.index.push(index);
    this.value.push(value);
  }

  /** Ends the unit. */
  end(times: number): void {
    this.offsets.push(this.index.length);
    this.times.push(times);
  }

  build(size: number, items = this.times.reduce((sum, times) => sum + times, 0)): Units {
    return {
      size,
      items,
      offsets: Int32Array.from(this.offsets),
      index: Int32Array.from(this.index),
      value: Float64Array.from(this.value),
      times: Float64Array.from(this.times),
    };
  }
}

/** The coefficient with its percentile bootstrap interval over items. */
export function resample(
  units: Units,
  partsOf: (totals: Float64Array) => Parts,
  overlaps: number,
  options: AgreementOptions,
  random: Random,
): Agreement {
  if (overlaps < options.minOverlaps) return { kind: 'too-few', overlaps, needed: options.minOverlaps };
  const totals = new Float64Array(units.size);
  addUp(units, units.times, totals);
  const parts = partsOf(totals);
  if (!isDefined(parts)) {
    return { kind: 'undefined', reason: 'only one label was used: chance alone would agree always', overlaps };
  }
  const value = 1 - parts.disagreement / parts.chance;
  const drawable = boundedUnits(units, random);
  const draw = drawer(drawable.times, random);
  const values: number[] = [];
  for (let replicate = 0; replicate < options.replicates; replicate++) {
    addUp(drawable, draw(), totals);
    const drawn = partsOf(totals);
    if (isDefined(drawn)) values.push(1 - drawn.disagreement / drawn.chance);
  }
  const { low, high } = percentiles(values, options.confidence, value);
  return { kind: 'measured', value, overlaps, ...(high - low < 1e-9 ? unanimousInterval(parts, overlaps, options) : { low, high }) };
}

function isDefined(parts: Parts): boolean {
  return parts.chance > 1e-12 && Number.isFinite(parts.disagreement);
}

/** Where the items all agree (or all disagree), every replicate does as well, and the bootstrap would claim certainty. The score interval of the
 *  share of agreeing items does not; chance is kept as it is. */
function unanimousInterval(parts: Parts, overlaps: number, options: AgreementOptions): { low: number; high: number } {
  const agreeing = Math.min(1, Math.max(0, 1 - parts.disagreement / parts.spread));
  const share = wilson(agreeing * overlaps, overlaps, options.confidence);
  const valueAt = (agreement: number): number => Math.max(-1, 1 - ((1 - agreement) * parts.spread) / parts.chance);
  return { low: valueAt(share.low), high: valueAt(share.high) };
}

const maxUnits = 1000;
const maxEntries = 400_000;

/** Big data: the items are dealt into random blocks and blocks are resampled, which has the same variance (its estimate from 400
 *  blocks scatters by 3.5 %) and bounds the
 *  cost of a replicate whatever n is. Units that are few stay as they are. */
export function boundedUnits(units: Units, random: Random): Units {
  if (units.times.length <= maxUnits && units.index.length <= maxEntries) return units;
  const blocks = Math.max(100, Math.min(400, Math.floor(2_000_000 / units.size)));
  const sums = new Float64Array(blocks * units.size);
  for (let u = 0; u < units.times.length; u++) {
    for (let t = 0; t < units.times[u]; t++) {
      const base = random.integer(blocks) * units.size;
      for (let e = units.offsets[u]; e < units.offsets[u + 1]; e++) sums[base + units.index[e]] += units.value[e];
    }
  }
  const builder = new UnitsBuilder();
  for (let block = 0; block < blocks; block++) {
    for (let s = 0; s < units.size; s++) if (sums[block * units.size + s] !== 0) builder.add(s, sums[block * units.size + s]);
    builder.end(1);
  }
  return builder.build(units.size, units.items);
}

/** Draws how often each unit is in a replicate. Few items: as many draws with replacement as there are items. Many items per unit: independent
 *  Poisson counts (Hanley & MacGibbon 2006), the same to first order for ratios, at a cost by unit. */
function drawer(times: Float64Array, random: Random): () => Float64Array {
  const weights = new Float64Array(times.length);
  const n = times.reduce((sum, count) => sum + count, 0);
  if (n <= 4 * times.length) {
    const unitOf = new Int32Array(n);
    for (let u = 0, at = 0; u < times.length; u++) for (let t = 0; t < times[u]; t++) unitOf[at++] = u;
    return () => {
      weights.fill(0);
      for (let i = 0; i < n; i++) weights[unitOf[random.integer(n)]]++;
      return weights;
    };
  }
  const poisson = createPoisson(random);
  return () => {
    for (let u = 0; u < times.length; u++) weights[u] = poisson(times[u]);
    return weights;
  };
}

function addUp(units: Units, weights: Float64Array, totals: Float64Array): void {
  totals.fill(0);
  for (let u = 0; u < weights.length; u++) {
    const weight = weights[u];
    if (weight === 0) continue;
    for (let e = units.offsets[u]; e < units.offsets[u + 1]; e++) totals[units.index[e]] += weight * units.value[e];
  }
}
