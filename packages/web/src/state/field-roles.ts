import type { ImportPreview } from '@labelwright/contract/imports';
import type { Settings, SettingsChange } from '@labelwright/contract/projects';

/** What a column is for: read by labelers and people · shown beside the item · seen by nobody · trusted answers, used only to score. */
export type FieldRole = 'text' | 'metadata' | 'hidden' | 'gold';

type Roles = Readonly<Record<string, FieldRole>>;

/** As the project has it already, else as the preview suggests. */
export function rolesOf(preview: ImportPreview, settings: Settings, hasItems: boolean): Record<string, FieldRole> {
  const { textFields, metadataFields, goldField } = preview.suggestion;
  const suggested = { textFields, metadataFields, hiddenFields: [] as string[], goldField: goldField ?? undefined };
  const names = preview.fields.map(({ name }) => name);
  const isKnown = hasItems && names.some((name) => settings.textFields.includes(name));
  const source = isKnown ? settings : suggested;
  return Object.fromEntries(names.map((name) => [name, roleIn(source, name)]));
}

function roleIn(source: Pick<Settings, 'textFields' | 'hiddenFields' | 'goldField'>, name: string): FieldRole {
  if (source.goldField === name) return 'gold';
  if (source.textFields.includes(name)) return 'text';
  return source.hiddenFields.includes(name) ? 'hidden' : 'metadata';
}

/** The gold column is one: another that was it becomes metadata. */
export function withRole(roles: Roles, name: string, role: FieldRole): Record<string, FieldRole> {
  const others =
    role === 'gold'
      ? Object.entries(roles).map(([field, was]) => [field, was === 'gold' ? 'metadata' : was] as const)
      : Object.entries(roles);
  return { ...Object.fromEntries(others), [name]: role };
}

/** Fields of earlier files keep what they are. */
export function settingsFor(roles: Roles, before: Settings, goldLabels: Readonly<Record<string, string>>): SettingsChange {
  const named = (role: FieldRole) => Object.keys(roles).filter((name) => roles[name] === role);
  const others = (fields: readonly string[]) => fields.filter((name) => !(name in roles));
  const [goldField] = named('gold');
  return {
    textFields: [...others(before.textFields), ...named('text')],
    metadataFields: [...others(before.metadataFields), ...named('metadata')],
    hiddenFields: [...others(before.hiddenFields), ...named('hidden')],
    ...(goldField !== undefined && { goldField, goldLabels: { ...before.goldLabels, ...goldLabels } }),
  };
}
