// Runs a TypeScript file of the tests in a process of its own, which can be killed: node run.mjs FILE ARGUMENTS…
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const conditions = ['source', 'node', 'import', 'default'];
await runnerImport(fileURLToPath(new URL(process.argv[2], import.meta.url)), {
  configFile: false,
  logLevel: 'error',
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions }, noExternal: [/@labelwright/] },
  environments: { inline: { resolve: { conditions, externalConditions: conditions, noExternal: [/@labelwright/] } } },
});
