import { nominalMeasure } from './nominal-measure.ts';

/** Chance: agreement only counts as luck on items that are hard enough to be guessed, of which there are few where one label dominates.
 *  So AC1 stays high where kappa breaks down (skewed labels), and is defined where only one label was used (it is 1).
 *  The number of categories is the number of labels of the table, used or not, as in the paper; at least two. */
export default nominalMeasure(
  {
    name: 'gwet-ac1',
    title: "Gwet's AC1",
    summary: 'Agreement of any number of labelers beyond chance that stays meaningful where one label is very common.',
    paper:
      'K. L. Gwet (2008), Computing inter-rater reliability in the presence of high agreement, BJMSP 61(1), doi:10.1348/000711006X126600',
  },
  (shares) => 1 - shares.reduce((sum, share) => sum + share * (1 - share), 0) / Math.max(1, shares.length - 1),
);
