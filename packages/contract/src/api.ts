import { exportRoutes } from './exports.ts';
import { importRoutes } from './imports.ts';
import { itemRoutes } from './items.ts';
import { labelerRoutes } from './labelers.ts';
import { llmRoutes } from './llm.ts';
import { peopleRoutes } from './people.ts';
import { projectRoutes } from './projects.ts';
import { qualityRoutes } from './quality.ts';
import { queueRoutes } from './queue.ts';
import { runRoutes } from './runs.ts';
import { systemRoutes } from './system.ts';

/** Every route of the product, by name. The access table of the server and the typed client are made over these names. */
export const api = {
  ...systemRoutes,
  ...peopleRoutes,
  ...projectRoutes,
  ...importRoutes,
  ...itemRoutes,
  ...labelerRoutes,
  ...runRoutes,
  ...queueRoutes,
  ...exportRoutes,
  ...qualityRoutes,
  ...llmRoutes,
};
export type Api = typeof api;
export type RouteName = keyof Api;
