import type { Settings, SettingsChange } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import { isColor } from '@labelwright/core/model/palette';
import { CoreError } from '@labelwright/core/model/errors';
import { labelId, questionId } from '@labelwright/core/model/ids';
import { checkSchema, type Schema } from '@labelwright/core/model/schema';

/** The wire form as core knows it. @throws CoreError 'bad-schema', 'bad-id' */
export function checkedSchema(schema: SchemaJson): Schema {
  for (const question of schema.questions) {
    questionId(question.id);
    for (const { id, color } of question.labels) {
      labelId(id);
      if (color !== undefined && !isColor(color)) throw new CoreError('bad-schema', `schema: label '${id}': '${color}' is not a colour`);
    }
  }
  return checkSchema(schema as unknown as Schema);
}

/** What is absent stays; null takes a setting away. */
export function changedSettings(before: Settings, change: SettingsChange = {}): Settings {
  const entries = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as unknown as Settings;
}
