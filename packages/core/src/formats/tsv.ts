import { readDelimited, writeDelimited } from './csv-format.ts';
import type { Format } from './format.ts';

/** Tab-separated values, quoted as CSV is, which is what spreadsheets and data frames write. */
const tsv: Format = {
  name: 'tsv',
  title: 'TSV',
  summary: 'Tab-separated values with a header line: fields only, every value a text.',
  extensions: ['.tsv', '.tab'],
  recognises: (path) => /\.(tsv|tab)$/i.test(path),
  read: (file, options) => readDelimited(file, { delimiter: '\t', ...options }),
  write: (dataset) => writeDelimited(dataset, 'TSV', '\t'),
};

export default tsv;
