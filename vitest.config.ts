import { defineConfig } from 'vitest/config';

// `import` and `require` are added where they hold: named here, they would hold for every require as well.
const conditions = ['source', 'node'];

// The condition `source` means TypeScript in a dependency of these as well, which Node cannot load from there: Vite does.
const speakers = [/@ai-sdk\//, 'eventsource-parser'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions }, noExternal: [/@labelwright/, 'labelwright', ...speakers] },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    globalSetup: ['packages/server/src/database/testing-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
