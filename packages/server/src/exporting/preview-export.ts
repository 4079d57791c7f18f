import { select, testsOf } from '../columns/selection.ts';
import { viewOf } from '../columns/views.ts';
import type { Context } from '../context.ts';
import { columnsOf, entriesOf, namesFor, newTally } from './dataset.ts';
import { atOneMoment, scopeOf, whyOf, writableFormat } from './make-export.ts';
import type { ExportOptions } from '../stores/exports.ts';
import { madeItems } from '../stores/item-records.ts';

const sampled = 1_000;
const shownCharacters = 4_000;

export interface ExportPreview {
  readonly items: number;
  readonly losses: { readonly what: string; readonly count: number }[];
  /** The beginning of the file. */
  readonly sample: string;
}

/** What an export would lose and look like, by the first items. */
export async function previewExport(
  context: Context,
  project: number,
  { format: name, ...given }: Omit<ExportOptions, 'question'> & { readonly question?: string | undefined; readonly format: string },
): Promise<ExportPreview> {
  const format = writableFormat(name);
  const viewed = await viewOf(context, project, given.question);
  const { view } = viewed;
  const options = { ...given, question: view.question.id };
  const wanted = { all: undefined, accepted: ['accepted' as const, 'answered' as const], answered: ['answered' as const] }[options.include];
  const chosen = wanted && (await select(view, testsOf(view, { decision: wanted }, []), 'position', undefined));
  const left = given.made === false ? await madeItems(context.db, project) : new Set<number>();
  const items = chosen ? chosen.filter((ordinal) => !left.has(ordinal)).length : view.n - left.size;
  return atOneMoment(context.db, async (db) => {
    const scope = scopeOf({ ...viewed.project, items: Math.min(sampled, viewed.project.items) }, name, options);
    const names = await namesFor(db, scope, sampled);
    const writing = format.write({
      schema: { questions: [scope.question] },
      entries: entriesOf(db, scope, names, newTally(), { why: whyOf(context, viewed.project, scope) }),
      fields: columnsOf(names, scope),
    });
    const decoder = new TextDecoder();
    let sample = '';
    for await (const chunk of writing.chunks)
      if (sample.length < shownCharacters) sample += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const isPart = viewed.project.items > sampled;
    const losses = writing
      .losses()
      .map(({ what, count }) => ({ what: isPart ? `${what} (of the first ${sampled.toLocaleString('en')} items)` : what, count }));
    return { items, losses, sample: name === 'xlsx' ? '' : sample.slice(0, shownCharacters) };
  });
}
