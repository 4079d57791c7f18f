import { workerData } from 'node:worker_threads';
import { plannedFields } from './planned-fields.ts';
import { serveLive } from './serve-live.ts';
import { TextColumns, type Wanted } from './text-columns.ts';
import { openThreadDatabase, type Whereabouts } from './thread-database.ts';
import { type Compared, idOrder, ValueColumns } from './value-columns.ts';

/** A million tweets are about 140 MB, a million numbers 10 MB. */
const mostTextBytes = 416 << 20;
const mostValueBytes = 96 << 20;

const { where } = workerData as { readonly where: Whereabouts };
const { pool } = openThreadDatabase(where, 'labelwright texts');
const texts = new TextColumns(pool, mostTextBytes);
const values = new ValueColumns(pool, mostValueBytes);

interface Field {
  readonly project: number;
  readonly field: string;
  readonly n: number;
}

serveLive({
  search: (wanted: Wanted) => texts.search(wanted),
  compare: (compared: Compared) => values.compare(compared),
  orderById: (asked: { readonly project: number; readonly n: number }) => idOrder(pool, asked),
  plan: ({ project }: { readonly project: number }) => plannedFields(pool, project),
  prepareTexts: (asked: Field) => texts.prepare(asked),
  prepareValues: (asked: Field) => values.prepare(asked),
});
