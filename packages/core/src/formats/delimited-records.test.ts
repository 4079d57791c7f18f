import { expect, test } from 'vitest';
import { dialectOf } from './delimited-records.ts';
import type { Dialect } from './record-splitter.ts';

test('the dialect is that of the header', () => {
  const of = (head: string): Dialect | undefined => dialectOf(head, undefined, true);
  expect(of('id;text\n1;a,b,c')).toEqual({ delimiter: ';', lineBreak: '\n' });
  expect(of('id\ttext\r\n')).toEqual({ delimiter: '\t', lineBreak: '\n' });
  expect(of('id|text\r1|x\r')).toEqual({ delimiter: '|', lineBreak: '\r' });
  expect(of('"a;b;c",d\n')).toEqual({ delimiter: ',', lineBreak: '\n' });
  expect(of('"a\rb",d\n')).toEqual({ delimiter: ',', lineBreak: '\n' });
  expect(of('id')).toEqual({ delimiter: ',', lineBreak: '\n' });
  expect(dialectOf('id;text\r', undefined, false)).toBeUndefined();
  expect(dialectOf('id;"te\nxt', undefined, false)).toBeUndefined();
  expect(dialectOf('a:b;c;d\n', ':', true)).toEqual({ delimiter: ':', lineBreak: '\n' });
});
