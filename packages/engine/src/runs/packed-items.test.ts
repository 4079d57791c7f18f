import { itemId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packItems, unpackItems } from './packed-items.ts';

const field = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()));
const item: fc.Arbitrary<Item> = fc
  .tuple(
    fc.string({ minLength: 1, unit: fc.constantFrom('a', 'b', 'é', '漢') }),
    fc.dictionary(fc.string({ maxLength: 6 }), field, { maxKeys: 4 }),
    fc.boolean(),
  )
  .map(([id, fields, foreign]) => ({
    id: itemId(id),
    fields,
    parts: Object.fromEntries([
      ...Object.entries(fields).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, { modality: 'text' as const, content: value }]] : [],
      ),
      ...(foreign ? [['own text', { modality: 'text' as const, content: 'not a field' }]] : []),
    ]),
  }));

it('what arrives is what was sent, through the structured clone as well', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 12 }), (items) => {
      const arrived = unpackItems(structuredClone(packItems(items)));
      expect(JSON.parse(JSON.stringify(arrived))).toEqual(JSON.parse(JSON.stringify(items)));
      expect(arrived.map(({ parts }) => Object.keys(parts))).toEqual(items.map(({ parts }) => Object.keys(parts)));
    }),
  );
});
