import type { FurtherQuestion, ItemDetail } from '@labelwright/contract/items';
import type { Viewed } from './columns/views.ts';
import { viewOf } from './columns/views.ts';
import type { Context } from './context.ts';
import { type DetailOptions, itemDetails, type Onlooker } from './item-details.ts';
import { ownAnswers } from './stores/answers.ts';
import { answeredCounts } from './stores/item-states.ts';
import { settingsOf } from './stores/projects.ts';

export interface Answerer extends Onlooker {
  readonly mayReview: boolean;
}

/** Adds to items what is known of them under the other questions of the project: whoever labels an item answers all questions at one look. */
export async function withFurtherQuestions(
  context: Context,
  { project }: Viewed,
  items: readonly ItemDetail[],
  onlooker: Answerer,
  options: DetailOptions,
): Promise<ItemDetail[]> {
  const main = items[0]?.question;
  const others = project.schema.questions.filter(({ id }) => id !== main);
  if (main === undefined || others.length === 0) return [...items];
  const ordinals = items.map(({ ordinal }) => ordinal);
  const { overlap } = settingsOf(project);
  const further = await Promise.all(
    others.map(async ({ id }): Promise<ReadonlyMap<number, FurtherQuestion>> => {
      const viewed = await viewOf(context, project.id, id);
      const asked = { project: project.id, question: id };
      const [details, own, answered] = await Promise.all([
        itemDetails(context, viewed, ordinals, onlooker, options),
        ownAnswers(context.db, asked, ordinals, onlooker.person),
        answeredCounts(context.db, asked, ordinals),
      ]);
      return new Map(
        details.map(({ ordinal, question, labels, posterior, evidence, version }) => {
          const said = own.get(ordinal) ?? null;
          const isOpen = said !== null || onlooker.mayReview || (answered.get(ordinal) ?? 0) < overlap;
          return [ordinal, { question, labels, posterior, evidence, own: said, isOpen, version }];
        }),
      );
    }),
  );
  return items.map((item) => ({ ...item, further: further.flatMap((of) => of.get(item.ordinal) ?? []) }));
}
