import type { FurtherQuestion, ItemDetail } from '@labelwright/contract/items';
import { type Bench, choicesFor, chosen, furtherChoice, isChosen, placeOf, type Said, sameLabels } from './bench.ts';
import type { FurtherAnswer, Given } from './outbox-action.ts';

/** A question as the workbench needs it. */
export interface Asked {
  readonly id: string;
  readonly multiple: boolean;
}

export function furtherOf(item: ItemDetail | undefined, question: string): FurtherQuestion | undefined {
  return item?.further?.find((other) => other.question === question);
}

/** The item as it looks under one of its questions: opinion and evidence are that question's. */
export function itemUnder(item: ItemDetail, question: string): ItemDetail {
  const further = furtherOf(item, question);
  if (!further) return item;
  const { labels, posterior, evidence } = further;
  return { ...item, question, labels, posterior, evidence };
}

/** What the person answers at present to another question than that of the queue; undefined where nothing is answered. */
export function standingAnswer(bench: Bench, item: ItemDetail, question: string): readonly string[] | undefined {
  return placeOf(bench, item.ordinal)?.said?.also?.[question] ?? furtherOf(item, question)?.own ?? undefined;
}

/** What the palette of another question shows. */
export function chosenFurther(bench: Bench, item: ItemDetail, question: string): readonly string[] {
  return furtherChoice(bench, item.ordinal, question) ?? standingAnswer(bench, item, question) ?? [];
}

/** Whether the person may answer it: others may have given all the answers that it wants. */
export function isOpen(item: ItemDetail, question: string): boolean {
  return furtherOf(item, question)?.isOpen ?? true;
}

/** Questions that nothing is said to yet, in their order. @param main that of the queue */
export function unanswered(bench: Bench, item: ItemDetail, main: Asked, further: readonly Asked[]): string[] {
  const isMainOpen = placeOf(bench, item.ordinal)?.said === null && chosen(bench, item.ordinal).length === 0;
  const others = further.filter(
    ({ id }) => isOpen(item, id) && standingAnswer(bench, item, id) === undefined && chosenFurther(bench, item, id).length === 0,
  );
  return [...(isMainOpen && !isChosen(bench, item.ordinal) ? [main.id] : []), ...others.map(({ id }) => id)];
}

/** What a submit says to the other questions: what is chosen and, for several labels, that none applies where the person went past it.
 *  @param passed questions that the person left with nothing chosen, knowingly */
export function furtherAnswers(
  bench: Bench,
  item: ItemDetail,
  further: readonly Asked[],
  passed: ReadonlySet<string>,
): Readonly<Record<string, readonly string[]>> {
  const chosenNow = choicesFor(bench, item.ordinal).flatMap(({ question, labels }) =>
    question === undefined ? [] : [{ question, labels }],
  );
  const isNone = ({ id, multiple }: Asked) =>
    multiple && passed.has(id) && isOpen(item, id) && standingAnswer(bench, item, id) === undefined;
  const none = further.filter((question) => isNone(question) && chosenFurther(bench, item, question.id).length === 0);
  const multiple = new Set(further.filter((question) => question.multiple).map(({ id }) => id));
  // One label that was taken away again says nothing: there is no such answer.
  const said = chosenNow.filter(({ question, labels }) => labels.length > 0 || multiple.has(question));
  return Object.fromEntries([...said.map(({ question, labels }) => [question, labels]), ...none.map(({ id }) => [id, []])]);
}

/** What a change of what is said tells the server: which questions, the first as `given`. */
export function changedAnswers(from: Said | null, to: Said, main: string, baseOf: (question: string) => number) {
  const also: FurtherAnswer[] = Object.entries(to.also ?? {})
    .filter(([question, labels]) => !from?.also?.[question] || !sameLabels(from.also[question], labels))
    .map(([question, labels]) => ({ question, labels, base: baseOf(question) }));
  if (from?.given !== to.given || also.length === 0)
    return { question: main, given: to.given, base: baseOf(main), ...(also.length > 0 && { also }) };
  const [{ question, labels, base }, ...rest] = also;
  return { question, given: { kind: 'answer', labels } satisfies Given, base, ...(rest.length > 0 && { also: rest }) };
}
