import { expect, test } from 'vitest';
import { labelId, questionId } from './ids.ts';
import { labelLookup } from './label-lookup.ts';
import type { Question } from './schema.ts';

const question: Question = {
  kind: 'choice',
  id: questionId('kind'),
  title: 'Kind',
  labels: [{ id: labelId('spam') }, { id: labelId('ham') }],
  multiple: false,
};

test('gives the label, or says which it is not, where, and what was probably meant', () => {
  const label = labelLookup('keywords', question);
  expect(label('ham', 'rules.1.label')).toBe('ham');
  expect(() => label('spm', 'rules.0.label')).toThrow(
    "keywords: rules.0.label: there is no label 'spm', did you mean 'spam'? The labels are spam, ham",
  );
  expect(() => label('toString', 'else')).toThrow("there is no label 'toString'. The labels are spam, ham");
});
