import { nominalMeasure } from './nominal-measure.ts';

/** The share of pairs of votes on one item that agree, averaged over items. */
export default nominalMeasure(
  {
    name: 'percent',
    title: 'Percent agreement',
    summary:
      'How often two labelers say the same. Easy to read, but high by chance alone where one label is common: read it beside a coefficient.',
  },
  () => 1,
);
