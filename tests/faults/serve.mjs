// A server in a process of its own, to be killed: `node serve.mjs DATA-DIRECTORY`. Says where it is in one line.
import { startServer } from '../../packages/server/dist/main.js';

const print = (line) => console.log(line);
const environment = { ...process.env, DATABASE_URL: undefined, LABELWRIGHT_LOG: 'error' };
const server = await startServer({ dataDirectory: process.argv[2], port: 0, sample: false, print, environment });
process.on('SIGTERM', () => void server.stop().finally(() => process.exit(0)));
