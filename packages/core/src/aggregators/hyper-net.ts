import type { Random } from '../math/random.ts';

/** A net over the vote matrix that does not know the order of items and labelers: every vote carries a vector; a layer mixes it with the mean
 *  vectors of its item, of its labeler and of all votes. Binary: one label against the rest. Trained by
 *  benchmarks/train-hyper-label-model.mjs. R. Wu, S. Chen, J. Zhang & X. Chu (2023), ICLR, arXiv:2207.13545. */
export const width = 8;
export const layerCount = 3;
/** Says the label, says another, share of the label, votes of the item, coverage of the labeler. */
export const inputWidth = 5;

/** The votes as seen from one label. */
export interface View {
  readonly n: number;
  readonly m: number;
  readonly item: Int32Array;
  readonly labeler: Int32Array;
  /** votes × inputWidth. */
  readonly input: Float64Array;
  /** n and m: votes. */
  readonly degree: Float64Array;
  readonly reach: Float64Array;
  /** log odds of the label's share. */
  readonly prior: number;
}

export function viewOf(n: number, m: number, item: Int32Array, labeler: Int32Array, label: Int32Array, c: number, share: number): View {
  const degree = new Float64Array(n);
  const reach = new Float64Array(m);
  for (let e = 0; e < item.length; e++) {
    degree[item[e]]++;
    reach[labeler[e]]++;
  }
  const bounded = Math.min(0.999, Math.max(0.001, share));
  const prior = Math.log(bounded / (1 - bounded));
  const input = new Float64Array(item.length * inputWidth);
  for (let e = 0; e < item.length; e++) {
    const at = e * inputWidth;
    input[at] = label[e] === c ? 1 : 0;
    input[at + 1] = label[e] === c ? 0 : 1;
    input[at + 2] = prior / 3;
    input[at + 3] = Math.log1p(degree[item[e]]) / 3;
    input[at + 4] = reach[labeler[e]] / n;
  }
  return { n, m, item, labeler, input, degree, reach, prior };
}

const inputsOf = (layer: number): number => (layer === 0 ? inputWidth : width);
/** Weights of a layer: width × 4 inputs (own, item's, labeler's, all), then width biases; last width + 1 for the answer. */
const offsets = Array.from({ length: layerCount + 1 }, (_, layer) => {
  let at = 0;
  for (let below = 0; below < layer; below++) at += width * 4 * inputsOf(below) + width;
  return at;
});
export const weightCount = offsets[layerCount] + width + 2;

export function createNet(random: Random): Float64Array {
  const net = new Float64Array(weightCount);
  for (let layer = 0; layer < layerCount; layer++) {
    const inputs = 4 * inputsOf(layer);
    for (let at = 0; at < width * inputs; at++) net[offsets[layer] + at] = random.normal() * Math.sqrt(2 / inputs);
  }
  for (let at = 0; at < width; at++) net[offsets[layerCount] + at] = random.normal() * 0.1;
  net[weightCount - 1] = 1;
  return net;
}

export interface State {
  /** Per layer, what went in: votes × 4 inputs; and what came out: votes × width. */
  readonly mixed: readonly Float64Array[];
  readonly out: readonly Float64Array[];
  /** n: log odds of the label; the prior's where nobody voted. */
  readonly logits: Float64Array;
}

/** O(votes · width² · layers). */
export function forward(net: ArrayLike<number>, view: View): State {
  const votes = view.item.length;
  const mixed: Float64Array[] = [];
  const out: Float64Array[] = [];
  let below = view.input;
  for (let layer = 0; layer < layerCount; layer++) {
    const d = inputsOf(layer);
    const into = mix(view, below, d);
    const above = new Float64Array(votes * width);
    const bias = offsets[layer] + width * 4 * d;
    for (let e = 0; e < votes; e++) {
      for (let u = 0; u < width; u++) {
        let sum = net[bias + u];
        const row = offsets[layer] + u * 4 * d;
        for (let a = 0; a < 4 * d; a++) sum += net[row + a] * into[e * 4 * d + a];
        above[e * width + u] = sum > 0 ? sum : 0.05 * sum;
      }
    }
    mixed.push(into);
    out.push(above);
    below = above;
  }
  const last = offsets[layerCount];
  const logits = new Float64Array(view.n).fill(net[weightCount - 1] * view.prior);
  for (let e = 0; e < votes; e++) {
    const i = view.item[e];
    let sum = net[weightCount - 2];
    for (let u = 0; u < width; u++) sum += net[last + u] * below[e * width + u];
    logits[i] += sum / Math.sqrt(view.degree[i]);
  }
  return { mixed, out, logits };
}

/** Gradient by the weights, given that by the logits. */
export function backward(net: ArrayLike<number>, view: View, { mixed, out }: State, slopes: Float64Array): Float64Array {
  const votes = view.item.length;
  const gradient = new Float64Array(weightCount);
  const last = offsets[layerCount];
  let above: Float64Array = new Float64Array(votes * width);
  for (let e = 0; e < votes; e++) {
    const i = view.item[e];
    const slope = slopes[i] / Math.sqrt(view.degree[i]);
    gradient[weightCount - 2] += slope;
    for (let u = 0; u < width; u++) {
      gradient[last + u] += slope * out[layerCount - 1][e * width + u];
      above[e * width + u] = slope * net[last + u];
    }
  }
  for (let i = 0; i < view.n; i++) gradient[weightCount - 1] += slopes[i] * view.prior;
  for (let layer = layerCount - 1; layer >= 0; layer--) {
    const d = inputsOf(layer);
    const bias = offsets[layer] + width * 4 * d;
    const into = new Float64Array(votes * 4 * d);
    for (let e = 0; e < votes; e++) {
      for (let u = 0; u < width; u++) {
        const slope = above[e * width + u] * (out[layer][e * width + u] > 0 ? 1 : 0.05);
        if (slope === 0) continue;
        gradient[bias + u] += slope;
        const row = offsets[layer] + u * 4 * d;
        for (let a = 0; a < 4 * d; a++) {
          gradient[row + a] += slope * mixed[layer][e * 4 * d + a];
          into[e * 4 * d + a] += slope * net[row + a];
        }
      }
    }
    above = unmix(view, into, d);
  }
  return gradient;
}

/** votes × 4d: own, mean of the item, mean of the labeler, mean of all. */
function mix({ n, m, item, labeler, degree, reach }: View, h: Float64Array, d: number): Float64Array {
  const votes = item.length;
  const rows = new Float64Array(n * d);
  const columns = new Float64Array(m * d);
  const all = new Float64Array(d);
  for (let e = 0; e < votes; e++) {
    for (let a = 0; a < d; a++) {
      const value = h[e * d + a];
      rows[item[e] * d + a] += value / degree[item[e]];
      columns[labeler[e] * d + a] += value / reach[labeler[e]];
      all[a] += value / votes;
    }
  }
  const out = new Float64Array(votes * 4 * d);
  for (let e = 0; e < votes; e++) {
    for (let a = 0; a < d; a++) {
      const at = e * 4 * d + a;
      out[at] = h[e * d + a];
      out[at + d] = rows[item[e] * d + a];
      out[at + 2 * d] = columns[labeler[e] * d + a];
      out[at + 3 * d] = all[a];
    }
  }
  return out;
}

/** The transpose of `mix`. */
function unmix({ n, m, item, labeler, degree, reach }: View, into: Float64Array, d: number): Float64Array {
  const votes = item.length;
  const rows = new Float64Array(n * d);
  const columns = new Float64Array(m * d);
  const all = new Float64Array(d);
  for (let e = 0; e < votes; e++) {
    for (let a = 0; a < d; a++) {
      const at = e * 4 * d + a;
      rows[item[e] * d + a] += into[at + d] / degree[item[e]];
      columns[labeler[e] * d + a] += into[at + 2 * d] / reach[labeler[e]];
      all[a] += into[at + 3 * d] / votes;
    }
  }
  const out = new Float64Array(votes * d);
  for (let e = 0; e < votes; e++) {
    for (let a = 0; a < d; a++) out[e * d + a] = into[e * 4 * d + a] + rows[item[e] * d + a] + columns[labeler[e] * d + a] + all[a];
  }
  return out;
}
