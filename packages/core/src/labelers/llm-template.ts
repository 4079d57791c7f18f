import { nearestName } from '../model/nearest-name.ts';
import type { Label, Question } from '../model/schema.ts';

/** What a template may name. */
export const placeholders = ['question', 'labels', 'guidelines', 'examples'] as const;
export type Placeholder = (typeof placeholders)[number];

export const defaultTemplate = `You label items of a data set as a careful expert would.

Question: {{question}}

Labels:
{{labels}}

{{guidelines}}

{{examples}}`;

const mention = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** What is wrong with a template; undefined where nothing is. */
export function templateFault(template: string): string | undefined {
  for (const [whole, name] of template.matchAll(mention)) {
    if ((placeholders as readonly string[]).includes(name)) continue;
    const near = nearestName(name, placeholders);
    const known = placeholders.map((placeholder) => `{{${placeholder}}}`).join(', ');
    return `there is no ${whole}${near === undefined ? '' : `, did you mean {{${near}}}?`} The placeholders are ${known}`;
  }
  return /\{\{\s*labels\s*\}\}/.test(template) ? undefined : 'it must contain {{labels}}';
}

/** Fills in once: what is filled in is not looked at again. Lines left empty by empty values are closed up. */
export function fillTemplate(template: string, values: Readonly<Record<Placeholder, string>>): string {
  return template
    .replace(mention, (whole, name: string) => ((placeholders as readonly string[]).includes(name) ? values[name as Placeholder] : whole))
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** A line per label with its title and description; a tree by indentation. */
export function describeLabels(question: Pick<Question, 'labels'>): string {
  const above = new Map(question.labels.map((label) => [label.id, label.parent]));
  const depthOf = (label: Label): number => {
    let depth = 0;
    for (let parent = label.parent; parent !== undefined; parent = above.get(parent)) depth += 1;
    return depth;
  };
  const line = (label: Label): string => {
    const title = label.title !== undefined && label.title !== label.id ? ` (${oneLine(label.title)})` : '';
    const description = label.description === undefined ? '' : `: ${oneLine(label.description)}`;
    return `${'  '.repeat(depthOf(label))}- ${JSON.stringify(label.id)}${title}${description}`;
  };
  return inTreeOrder(question.labels).map(line).join('\n');
}

function inTreeOrder(labels: readonly Label[], parent?: string): Label[] {
  return labels.filter((label) => label.parent === parent).flatMap((label) => [label, ...inTreeOrder(labels, label.id)]);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
