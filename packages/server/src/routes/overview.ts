import type { Handlers } from '../handlers.ts';
import { overviewOf } from '../overview.ts';

export const overviewHandlers = {
  getOverview: ({ params, query, context }) => overviewOf(context, params.project, query.question),
} satisfies Partial<Handlers>;
