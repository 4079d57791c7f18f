import { createHash } from 'node:crypto';
import type { Item } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';

/** Makes the key of an item under which its answer is found again: a hash of all that the answer depends on, which is the model and where it is
 *  served, the prompt (options, question, guidelines, examples) and what of the item can be shown. Ids and other fields of the item do not count:
 *  the same text is answered once. @param depends model and prompt, as plain JSON */
export function answerKeys(depends: Json): (item: Item) => string {
  const prompt = createHash('sha256').update('labelwright answer 1\n').update(JSON.stringify(depends)).digest();
  return ({ parts }) => createHash('sha256').update(prompt).update(JSON.stringify(parts)).digest('base64url');
}
