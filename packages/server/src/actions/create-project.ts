import { type SettingsChange, settings as settingsSchema } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import type { Caller, Context } from '../context.ts';
import { changedSettings, checkedSchema } from '../project-checks.ts';
import { audit } from '../stores/audit.ts';
import { setRole } from '../stores/members.ts';
import { addProject, type ProjectRow } from '../stores/projects.ts';

export interface CreateProject {
  readonly name: string;
  readonly schema: SchemaJson;
  readonly settings?: SettingsChange | undefined;
}

/** @throws CoreError 'bad-schema' */
export function createProject({ db }: Context, { person }: Caller, { name, schema, settings }: CreateProject): Promise<ProjectRow> {
  checkedSchema(schema);
  return db.transaction().execute(async (transaction) => {
    const project = await addProject(transaction, {
      name,
      schema,
      settings: changedSettings(settingsSchema.parse({}), settings),
      createdBy: person.id,
    });
    await setRole(transaction, project.id, person.id, 'owner');
    await audit(transaction, { action: 'project.create', person: person.id, project: project.id, details: { name } });
    return project;
  });
}
