import { archiveProject } from '../actions/archive-project.ts';
import { createProject } from '../actions/create-project.ts';
import { updateProject } from '../actions/update-project.ts';
import { notFound } from '../errors.ts';
import type { Handlers } from '../handlers.ts';
import { findProject, presentProject, projectsOf } from '../stores/projects.ts';

export const projectHandlers = {
  listProjects: ({ query, caller, context }) => projectsOf(context.db, caller.person, query.archived ?? false),

  createProject: async ({ body, caller, context }) => presentProject(await createProject(context, caller, body), 'owner'),

  getProject: async ({ params, caller, context }) => {
    const project = await findProject(context.db, params.project);
    if (!project) throw notFound('project');
    return presentProject(project, caller.role);
  },

  updateProject: async ({ params, body, caller, context }) =>
    presentProject(await updateProject(context, caller, params.project, body), caller.role),

  archiveProject: async ({ params, caller, context }) => {
    await archiveProject(context, caller, params.project, true);
    return { ok: true };
  },

  restoreProject: async ({ params, caller, context }) => {
    await archiveProject(context, caller, params.project, false);
    return { ok: true };
  },
} satisfies Partial<Handlers>;
