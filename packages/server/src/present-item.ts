import type { Settings } from '@labelwright/contract/projects';
import type { ItemDetail, ItemRow } from '@labelwright/contract/items';
import type { ItemId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import { itemOf } from '@labelwright/engine/items/item-of';
import type { QuestionView } from './columns/question-view.ts';
import { decisions } from './stores/estimate-codes.ts';
import type { ItemRecord } from './stores/item-records.ts';

/** Fields that no labeler and no annotator sees. */
export function hiddenFields({ hiddenFields: hidden, goldField }: Settings): ReadonlySet<string> {
  return new Set(goldField === undefined ? hidden : [...hidden, goldField]);
}

/** The item as labelers and people look at it. */
export function shownItem({ id, fields }: ItemRecord, settings: Settings): Item {
  return itemOf({ id: id as ItemId, fields }, { text: settings.textFields, hidden: hiddenFields(settings) });
}

export function shownParts(item: Item): ItemDetail['parts'] {
  return Object.entries(item.parts).map(([name, { modality, content }]) => ({
    name,
    modality,
    content: typeof content === 'string' ? content : JSON.stringify(content),
  }));
}

/** What is believed of an item at present: by people, where one has answered, else by the machine.
 *  @param ofPeople false: as if nobody had answered */
export function presentRow(view: QuestionView, { ordinal, id, fields }: ItemRecord, ofPeople = true): ItemRow {
  const { machine, people, sets } = view;
  const known = view.hasEstimate(ordinal) ? machine : null;
  const said = ofPeople ? people.answer[ordinal] : 0;
  const answer = sets.labelsOf(said || (known?.answer[ordinal] ?? 0));
  return {
    ordinal,
    id,
    fields,
    answer: answer && [...answer],
    probability: said > 0 || !known ? null : known.probability[ordinal],
    decision: said > 0 ? 'answered' : decisions[known?.decision[ordinal] ?? 0],
    votes: known?.votes[ordinal] ?? 0,
    disagreement: known?.disagreement[ordinal] === 1,
    flagged: people.flagged[ordinal] === 1,
  };
}
