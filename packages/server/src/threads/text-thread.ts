import { workerData } from 'node:worker_threads';
import { serveLive } from './serve-live.ts';
import { TextColumns, type Wanted } from './text-columns.ts';
import { openThreadDatabase, type Whereabouts } from './thread-database.ts';

/** A million tweets are about 140 MB. */
const mostBytes = 512 << 20;

const { where } = workerData as { readonly where: Whereabouts };
const columns = new TextColumns(openThreadDatabase(where, 'labelwright texts').pool, mostBytes);

serveLive({ search: (wanted: Wanted) => columns.search(wanted) });
