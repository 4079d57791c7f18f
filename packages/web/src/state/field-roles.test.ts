import type { ImportPreview } from '@labelwright/contract/imports';
import { settings } from '@labelwright/contract/projects';
import { describe, expect, it } from 'vitest';
import { rolesOf, settingsFor, withRole } from './field-roles.ts';

const field = (name: string) => ({ name, kind: 'text' as const, example: '', filled: 1, distinct: 9 });
const preview: ImportPreview = {
  format: 'csv',
  fields: ['title', 'body', 'stars', 'verdict'].map(field),
  rows: [],
  problems: [],
  suggestion: { idField: null, textFields: ['title', 'body'], metadataFields: ['stars'], goldField: 'verdict' },
};
const none = settings.parse({});

describe('what columns are for', () => {
  it('takes the suggestion for an empty project', () => {
    expect(rolesOf(preview, none, false)).toEqual({ title: 'text', body: 'text', stars: 'metadata', verdict: 'gold' });
  });

  it('takes what the project has where it knows the columns', () => {
    const known = settings.parse({ textFields: ['body'], hiddenFields: ['stars'] });
    expect(rolesOf(preview, known, true)).toEqual({ title: 'metadata', body: 'text', stars: 'hidden', verdict: 'metadata' });
  });

  it('has one gold column', () => {
    const roles = withRole({ a: 'gold', b: 'text' }, 'b', 'gold');
    expect(roles).toEqual({ a: 'metadata', b: 'gold' });
  });

  it('keeps the fields of earlier files, each in one place', () => {
    const before = settings.parse({ textFields: ['summary', 'title'], metadataFields: ['year'], goldLabels: { yes: 'spam' } });
    expect(settingsFor({ title: 'hidden', body: 'text', verdict: 'gold' }, before, { SPAM: 'spam' })).toEqual({
      textFields: ['summary', 'body'],
      metadataFields: ['year'],
      hiddenFields: ['title'],
      goldField: 'verdict',
      goldLabels: { yes: 'spam', SPAM: 'spam' },
    });
  });
});
