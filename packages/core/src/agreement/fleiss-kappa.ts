import { nominalMeasure } from './nominal-measure.ts';

/** Chance: two votes drawn from the common shares of the labels. For two labelers with equal items this is Scott's pi.
 *  Fleiss assumes the same number of votes on every item; differing numbers are handled as in `nominalMeasure`, which changes nothing where
 *  the numbers are equal. */
export default nominalMeasure(
  {
    name: 'fleiss-kappa',
    title: "Fleiss' kappa",
    summary:
      'Agreement of any number of interchangeable labelers beyond chance. Falls towards 0 where one label is very common, however good the labelers.',
    paper: 'J. L. Fleiss (1971), Measuring nominal scale agreement among many raters, Psychological Bulletin 76(5), doi:10.1037/h0031619',
  },
  (shares) => shares.reduce((sum, share) => sum + share * (1 - share), 0),
);
