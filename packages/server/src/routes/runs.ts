import { cancelRun } from '../actions/cancel-run.ts';
import { startRun } from '../actions/start-run.ts';
import { compareRuns } from '../compare-runs.ts';
import { notFound } from '../errors.ts';
import type { Handlers } from '../handlers.ts';
import { findRun, presentRun, runsOf } from '../stores/runs.ts';

export const runHandlers = {
  startRun: async ({ params, body, caller, context }) => presentRun(await startRun(context, caller, params.project, body.labeler)),

  listRuns: async ({ params, context }) => (await runsOf(context.db, params.project)).map(presentRun),

  getRun: async ({ params, context }) => {
    const row = await findRun(context.db, params.project, params.run);
    if (!row) throw notFound('run');
    return presentRun(row);
  },

  cancelRun: async ({ params, caller, context }) => presentRun(await cancelRun(context, caller, params.project, params.run)),

  compareRuns: ({ params, query, context }) => compareRuns(context.db, params, query),
} satisfies Partial<Handlers>;
