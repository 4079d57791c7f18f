import { readDelimited, writeDelimited } from './csv-format.ts';
import type { Format } from './format.ts';

/** Comma-separated values (RFC 4180); `;`, tab and `|` are found by the header. Every value is a text. */
const csv: Format = {
  name: 'csv',
  title: 'CSV',
  summary: 'Comma-separated values with a header line: fields only, every value a text.',
  extensions: ['.csv'],
  recognises: (path) => /\.csv$/i.test(path),
  read: readDelimited,
  write: (dataset) => writeDelimited(dataset, 'CSV', ','),
};

export default csv;
