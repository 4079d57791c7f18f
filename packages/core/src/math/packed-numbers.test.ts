import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, packNumbers, toBase64, unpackNumbers } from './packed-numbers.ts';

test('RFC 4648, section 10', () => {
  const bytesOf = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const known = ['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy'];
  known.forEach((base64, length) => {
    expect(toBase64(bytesOf('foobar'.slice(0, length)))).toBe(base64);
    expect(fromBase64(base64)).toEqual(bytesOf('foobar'.slice(0, length)));
  });
});

test('any bytes come back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }),
  );
  const long = Uint8Array.from({ length: 30_000 }, (_, at) => (at * 7) % 256);
  expect(fromBase64(toBase64(long))).toEqual(long);
});

test('what is not base 64 is told', () => {
  expect(() => fromBase64('Zm9!')).toThrow('character 3 is not base 64');
  expect(() => fromBase64('Z===')).toThrow('not base 64');
});

test('numbers come back within 1/65,534 of the largest of their column, the largest and 0 exactly', () => {
  const values = Float32Array.of(1, -200, 0.3333, 100, 0, 7, -1, 0);
  const packed = packNumbers(values, 2);
  const back = unpackNumbers(JSON.parse(JSON.stringify(packed)));
  expect([back[0], back[1], back[4], back[6], back[7]]).toEqual([1, -200, 0, -1, 0]);
  values.forEach((value, at) => expect(Math.abs(back[at] - value)).toBeLessThanOrEqual((at % 2 === 0 ? 1 : 200) / 65_533));
  expect([...unpackNumbers(packNumbers(new Float32Array(4), 2))]).toEqual([0, 0, 0, 0]);
});
