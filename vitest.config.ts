import { defineConfig } from 'vitest/config';

// `import` and `require` are added where they hold: named here, they would hold for every require as well.
const conditions = ['source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions }, noExternal: [/@labelwright/, 'labelwright'] },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    globalSetup: ['packages/server/src/database/testing-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
