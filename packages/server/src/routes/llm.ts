import { createConnection, deleteConnection, updateConnection } from '../actions/save-connection.ts';
import { changeAsking } from '../actions/move-asking.ts';
import { setSpendingLimits } from '../actions/set-spending-limits.ts';
import { startAsking } from '../actions/start-asking.ts';
import { comparisonOf } from '../asking/compare.ts';
import { confidenceOf } from '../asking/confidence.ts';
import { estimateAsking } from '../asking/estimate.ts';
import { improvePrompt } from '../asking/improve.ts';
import { keepMade, makeItems } from '../asking/make-items.ts';
import { draftGuidelines, secondOpinions } from '../asking/second-opinions.ts';
import { slicesOf } from '../asking/slices.ts';
import { testConnection } from '../asking/test-connection.ts';
import { tryPrompt } from '../asking/try-prompt.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import type { Handlers } from '../handlers.ts';
import { askingsOf, presentAsking } from '../stores/askings.ts';
import { type ConnectionRow, connectionsOf, findConnection, presentConnection, usersOf } from '../stores/connections.ts';
import { findProject, type ProjectRow } from '../stores/projects.ts';
import { accountsOf, projectBudget } from '../stores/spending.ts';

/** What asks by the definition that a screen has open; more techniques will name themselves. */
const use = 'llm-prompt';

export const llmHandlers = {
  listConnections: async ({ params, context }) => {
    const rows = await connectionsOf(context.db, params.project);
    return Promise.all(rows.map((row) => presented(context, row)));
  },

  createConnection: async ({ params, body, caller, context }) =>
    presented(context, await createConnection(context, caller, params.project, body)),

  updateConnection: async ({ params, body, caller, context }) =>
    presented(context, await updateConnection(context, caller, params.project, params.connection, body)),

  deleteConnection: async ({ params, caller, context }) => {
    await deleteConnection(context, caller, params.project, params.connection);
    return { ok: true };
  },

  testConnection: async ({ params, body, context }) => {
    const connection = await findConnection(context.db, params.project, params.connection);
    if (!connection) throw notFound('connection');
    return testConnection(context, params.project, connection, body.model);
  },

  previewPrompt: async ({ params, body, context }) => tryPrompt(context, await projectOf(context, params.project), { use, ...body }),

  estimateAsking: async ({ params, body, context }) => estimateAsking(context, await projectOf(context, params.project), { use, ...body }),

  startAsking: async ({ params, body, caller, context }) =>
    presentAsking(await startAsking(context, caller, params.project, params.labeler, body)),

  listAskings: async ({ params, context }) => (await askingsOf(context.db, params.project)).map(presentAsking),

  pauseAsking: async ({ params, caller, context }) =>
    presentAsking(await changeAsking(context, caller, params.project, params.asking, 'pause')),

  resumeAsking: async ({ params, body, caller, context }) =>
    presentAsking(await changeAsking(context, caller, params.project, params.asking, 'resume', body.budgetUsd)),

  cancelAsking: async ({ params, caller, context }) =>
    presentAsking(await changeAsking(context, caller, params.project, params.asking, 'cancel')),

  getSpending: async ({ params, context }) => {
    const accounts = await accountsOf(context.db, params.project);
    return {
      budgetUsd: await projectBudget(context.db, params.project),
      usd: accounts.reduce((sum, { usd }) => sum + usd, 0),
      labelers: accounts.map((row) => ({
        labeler: row.name === null ? null : { id: row.labeler_id, name: row.name },
        usd: row.usd,
        openUsd: row.open_usd,
        budgetUsd: row.budget_usd,
        calls: row.calls,
        answers: row.answers,
        inputTokens: row.input_tokens,
        cachedInputTokens: row.cached_tokens,
        outputTokens: row.output_tokens,
      })),
    };
  },

  setSpendingLimits: async ({ params, body, caller, context }) => {
    await setSpendingLimits(context, caller, params.project, body);
    return { ok: true };
  },

  getConfidence: async ({ params, context }) => confidenceOf(context, params.project, params.labeler),

  compareLabelers: async ({ params, query, context }) => {
    const { a, b, aVersion, bVersion } = query;
    return comparisonOf(context, params.project, { id: a, version: aVersion }, { id: b, version: bVersion });
  },

  improvePrompt: async ({ params, body, caller, context }) =>
    improvePrompt(context, caller, params.project, params.labeler, body.budgetUsd),

  secondOpinions: async ({ params, body, caller, context }) => secondOpinions(context, caller, { ...params, ...body }),

  draftGuidelines: async ({ params, body, caller, context }) => draftGuidelines(context, caller, { ...params, ...body }),

  makeItems: async ({ params, body, caller, context }) => makeItems(context, caller, { ...params, ...body }),

  keepMadeItems: async ({ params, body, caller, context }) => keepMade(context, caller, params.project, body),

  getSlices: async ({ params, query, context }) => slicesOf(context, params.project, params.labeler, query.field),
} satisfies Partial<Handlers>;

async function presented({ db }: Context, row: ConnectionRow) {
  return presentConnection(row, await usersOf(db, row.project_id, row.name));
}

async function projectOf({ db }: Context, id: number): Promise<ProjectRow> {
  const project = await findProject(db, id);
  if (!project) throw notFound('project');
  return project;
}
