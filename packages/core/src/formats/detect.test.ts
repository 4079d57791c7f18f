import { expect, test } from 'vitest';
import { detectFormat, formatFor, formatNamed } from './detect.ts';
import { formats } from './index.ts';

const detected = (path: string, head: string): string => detectFormat(formats, path, new TextEncoder().encode(head)).name;

test('by extension and beginning', () => {
  expect(detected('a/items.CSV', 'id,text\n')).toBe('csv');
  expect(detected('items.tsv.gz', 'id\ttext\n')).toBe('tsv');
  expect(detected('items.jsonl', '{"id":1}\n')).toBe('jsonl');
  expect(detected('items.json', '\ufeff [\n{"id":1,"text":"x"}]')).toBe('json');
  expect(detected('items.json', '{"id":1}\n{"id":2}')).toBe('jsonl');
  expect(detected('items.json', '[{"id": 1, "data": {"text": "x"}, "annotations": []}]')).toBe('label-studio');
  expect(detected('items.json', '[{"data": {"text": "x"}}]')).toBe('label-studio');
  expect(detected('items.json', '[{"id": "a", "text": "x", "data": {"n": 1}}]')).toBe('json');
  expect(detected('items.json', `[{"id": 1, "annotations": [{"result": []}], "data": {"text": "${'x'.repeat(99)}`)).toBe('label-studio');
  expect(detected('items.xlsx', 'PK\u0003\u0004')).toBe('xlsx');
});

test('extensions lie: the beginning counts', () => {
  expect(detected('items.jsonl', '[{"id":1}]')).toBe('json');
  expect(detected('items', '{"id":1}\n')).toBe('jsonl');
  expect(detected('items.json', '')).toBe('json');
});

test('names, and errors that list the formats', () => {
  expect(formatNamed(formats, 'tsv').name).toBe('tsv');
  expect(() => formatNamed(formats, 'label-studoi')).toThrow(
    "there is no format 'label-studoi', did you mean 'label-studio'? The formats are csv, json, jsonl, label-studio, tsv, xlsx",
  );
  expect(() => detected('mail.eml', 'From: x')).toThrow(
    'mail.eml: its format is not clear from its name or its beginning; name it, one of csv (.csv), json (.json)',
  );
  expect(formatFor(formats, 'out.json').name).toBe('json');
  expect(formatFor(formats, 'out.csv.gz').name).toBe('csv');
  expect(() => formatFor(formats, 'out.parquet')).toThrow('name it with --to');
});
