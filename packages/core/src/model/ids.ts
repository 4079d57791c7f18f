import { CoreError } from './errors.ts';

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** Ids are strings of 1..512 characters without control characters; the brands keep one kind from passing for another. */
export type ItemId = Id<'item'>;
export type LabelerId = Id<'labeler'>;
export type LabelId = Id<'label'>;
export type QuestionId = Id<'question'>;

export const itemId = (value: unknown): ItemId => checkId('item', value) as ItemId;
export const labelerId = (value: unknown): LabelerId => checkId('labeler', value) as LabelerId;
export const labelId = (value: unknown): LabelId => checkId('label', value) as LabelId;
export const questionId = (value: unknown): QuestionId => checkId('question', value) as QuestionId;

const maxLength = 512;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const control = /[\u0000-\u001f\u007f]/;

/** Numbers become their decimal text: many files carry integer ids. @throws CoreError 'bad-id' */
function checkId(kind: string, value: unknown): string {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string' || text === '') {
    throw new CoreError('bad-id', `${kind} id must be a non-empty text, got ${JSON.stringify(value) ?? 'nothing'}`);
  }
  if (text.length > maxLength) throw new CoreError('bad-id', `${kind} id must have at most ${maxLength} characters, got ${text.length}`);
  if (control.test(text)) throw new CoreError('bad-id', `${kind} id must not contain control characters, got ${JSON.stringify(text)}`);
  return text;
}
