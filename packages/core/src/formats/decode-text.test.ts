import { describe, expect, test } from 'vitest';
import { decodeText } from './decode-text.ts';
import { memoryFile } from './in-memory.ts';
import { Unreadable } from './unreadable.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf16 = (text: string, order: 'le' | 'be', mark = true): Uint8Array => {
  const units = [mark ? '\ufeff' : '', ...Array.from({ length: text.length }, (_, at) => text[at])].filter(Boolean);
  return Uint8Array.from(
    units.flatMap((unit) =>
      order === 'le' ? [unit.charCodeAt(0) & 255, unit.charCodeAt(0) >> 8] : [unit.charCodeAt(0) >> 8, unit.charCodeAt(0) & 255],
    ),
  );
};

async function decode(
  bytes: Uint8Array,
  size = bytes.length,
  encoding?: string,
): Promise<{ text: string; problem?: Unreadable['problem'] }> {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
  let text = '';
  try {
    for await (const piece of decodeText(memoryFile('f', ...chunks), encoding === undefined ? {} : { encoding })) text += piece;
    return { text };
  } catch (error) {
    if (error instanceof Unreadable) return { text, problem: error.problem };
    throw error;
  }
}

const story = 'héllo\r\nwörld 😀\n日本語\n';

test.each([1, 2, 3, 5, 4096])('in chunks of %i bytes: UTF-8 with and without mark, UTF-16 either way', async (size) => {
  expect(await decode(utf8(story), size)).toEqual({ text: story });
  expect(await decode(utf8(`\ufeff${story}`), size)).toEqual({ text: story });
  expect(await decode(utf16(story, 'le'), size)).toEqual({ text: story });
  expect(await decode(utf16(story, 'be'), size)).toEqual({ text: story });
});

test('a mark inside the text is text', async () => {
  expect(await decode(utf8('a\ufeffb'))).toEqual({ text: 'a\ufeffb' });
});

describe('bytes that are not UTF-8 end the file: what comes before is delivered, the line is named', () => {
  const latin1 = Uint8Array.from([...utf8('id,text\n1,ok\n2,caf'), 0xe9, ...utf8(',x\n3,later\n')]);

  test.each([1, 4, 7, 100])('in chunks of %i bytes', async (size) => {
    const { text, problem } = await decode(latin1, size);
    expect(text).toBe('id,text\n1,ok\n2,caf');
    expect(problem).toEqual({
      file: 'f',
      line: 3,
      fatal: true,
      message:
        'is not UTF-8: byte 0xE9 at offset 18 cannot be read; save the file as UTF-8 or name its encoding, windows-1252 for instance',
    });
  });

  test('behind a mark, and cut off in the middle of the last character', async () => {
    const { text, problem } = await decode(utf8('\ufeffa\né').slice(0, -1));
    expect(text).toBe('a\n');
    expect(problem).toMatchObject({ line: 2, message: expect.stringContaining('byte 0xC3 at offset 5') });
  });

  test('in a large file, deep inside', async () => {
    const lines = utf8('some text\n'.repeat(50_000));
    lines[423_456] = 0xff;
    const { problem } = await decode(lines, 65_536);
    expect(problem).toMatchObject({ line: 42_346, message: expect.stringContaining('byte 0xFF at offset 423456') });
  });

  test('with the encoding that is named, the same bytes are text', async () => {
    expect(await decode(latin1, 4, 'windows-1252')).toEqual({ text: 'id,text\n1,ok\n2,café,x\n3,later\n' });
  });

  test('Shift-JIS is refused, and read by name', async () => {
    const sjis = Uint8Array.from([0x83, 0x65, 0x83, 0x58, 0x83, 0x67, 10]);
    expect((await decode(sjis)).problem).toMatchObject({ line: 1 });
    expect(await decode(sjis, 1, 'shift_jis')).toEqual({ text: 'テスト\n' });
  });
});

test('UTF-16 without a mark would pass for text full of NULs: it is refused by name', async () => {
  expect((await decode(utf16('id,text\n1,hello\n', 'le', false))).problem).toMatchObject({
    message: expect.stringContaining('its encoding, utf-16le'),
  });
  expect((await decode(utf16('id,text\n1,hello\n', 'be', false))).problem).toMatchObject({
    message: expect.stringContaining('its encoding, utf-16be'),
  });
  expect(await decode(utf16('id,text\n', 'be', false), 3, 'utf-16be')).toEqual({ text: 'id,text\n' });
});

test('half a surrogate pair in UTF-16 is a bad byte too', async () => {
  expect((await decode(Uint8Array.from([0xff, 0xfe, 0x61, 0, 10, 0, 0x3d, 0xd8, 0x62, 0]))).problem).toMatchObject({ line: 2 });
});

test('archives, empty files and unknown encodings', async () => {
  expect((await decode(Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0]))).problem).toMatchObject({ message: expect.stringContaining('ZIP') });
  expect((await decode(Uint8Array.from([0x1f, 0x8b, 8, 0]))).problem).toMatchObject({ message: expect.stringContaining('gzip') });
  expect((await decode(new Uint8Array(0))).problem).toEqual({ file: 'f', message: 'is empty', fatal: true });
  await expect(decode(utf8('a'), 1, 'utf-9')).rejects.toThrow("encoding: 'utf-9' is not known");
});

test('from an offset on, with the lines of the whole file', async () => {
  const bytes = Uint8Array.from([...utf8('one\ntwo é\nthree\n'), 0xff]);
  const pieces: string[] = [];
  const read = async (): Promise<void> => {
    for await (const piece of decodeText(memoryFile('f', bytes.slice(0, 3), bytes.slice(3)), {}, 4)) pieces.push(piece);
  };
  await expect(read()).rejects.toMatchObject({ problem: { line: 4, message: expect.stringContaining('offset 17') } });
  expect(pieces.join('')).toBe('two é\nthree\n');
});
