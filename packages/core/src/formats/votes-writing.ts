import type { VoteTable } from '../model/vote-table.ts';
import { csvCell } from './csv-line.ts';
import { guardName } from './formula-guard.ts';

const chunkLength = 65_536;

/** The votes as CSV, `item,labeler,label`, with `confidence` where anybody gave one. Reading it back gives the same table, but for items,
 *  labelers and labels without votes. */
export function* writeVotes(votes: VoteTable): Generator<string> {
  const { confidence } = votes;
  const items = votes.items.map(nameCell);
  const labelers = votes.labelers.map(nameCell);
  const labels = votes.labels.map(nameCell);
  let chunk = confidence ? 'item,labeler,label,confidence\n' : 'item,labeler,label\n';
  for (let row = 0; row < votes.item.length; row++) {
    chunk += `${items[votes.item[row]]},${labelers[votes.labeler[row]]},${labels[votes.label[row]]}`;
    if (confidence) chunk += Number.isNaN(confidence[row]) ? ',' : `,${confidence[row]}`;
    chunk += '\n';
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

export function nameCell(name: string): string {
  return csvCell(guardName(name));
}
