import type { Entry, Loss } from '@labelwright/core/formats/format';
import { formatFor, formatNamed } from '@labelwright/core/formats/detect';
import { formats } from '@labelwright/core/formats/index';
import { CoreError } from '@labelwright/core/model/errors';
import { labelId, questionId, type LabelId, type QuestionId } from '@labelwright/core/model/ids';
import { describeProblem, type Problem, refuseFatal } from '@labelwright/core/model/problem';
import type { Schema } from '@labelwright/core/model/schema';
import { openDataFile } from './data-file.ts';
import { writeFileAtomic } from './write-file.ts';

export interface Conversion {
  readonly from: string;
  readonly to: string;
  readonly entries: number;
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly losses: readonly Loss[];
}

export interface ConvertOptions {
  readonly from?: string;
  readonly to?: string;
  readonly encoding?: string;
  /** Any loss and any problem is a failure, and nothing is written. */
  readonly strict?: boolean;
}

const keptProblems = 1000;

/** Reads one format and writes another, streaming. Two passes: the first learns the schema (labels in use) and the fields, the second writes.
 *  @throws CoreError 'lossy' in strict mode; 'cannot-write' where the target format is read only */
export async function convertFile(input: string, output: string, options: ConvertOptions): Promise<Conversion> {
  const { source, format } = await openDataFile(input, options.from === undefined ? {} : { format: options.from });
  const target = options.to === undefined ? formatFor(formats, output) : formatNamed(formats, options.to);
  if (!target.write) throw new CoreError('unknown-format', `${target.name}: this format can be read only`);
  const reading = options.encoding === undefined ? {} : { encoding: options.encoding };

  const problems: Problem[] = [];
  const survey = new Survey();
  let problemCount = 0;
  for await (const event of format.read(source, reading)) {
    if (event.kind === 'entry') survey.see(event.entry);
    else {
      refuseFatal([event.problem]);
      problemCount += 1;
      if (problems.length < keptProblems) problems.push(event.problem);
    }
  }
  if (survey.entries === 0 && problemCount > 0) {
    throw new CoreError('unreadable', problems.slice(0, 5).map(describeProblem).join('\n'));
  }
  if (options.strict && problemCount > 0)
    throw new CoreError(
      'lossy',
      `--strict: ${describeProblem(problems[0])}${problemCount > 1 ? `, and ${problemCount - 1} problems more` : ''}`,
    );

  async function* entries(): AsyncGenerator<Entry> {
    for await (const event of format.read(source, reading)) if (event.kind === 'entry') yield event.entry;
  }
  const writing = target.write({ schema: survey.schema(), entries: entries(), fields: survey.fields() });
  async function* chunks(): AsyncGenerator<string | Uint8Array> {
    yield* writing.chunks;
    const [first] = writing.losses();
    if (options.strict && first) throw new CoreError('lossy', `--strict: ${first.what}; ${output} is not written`);
  }
  await writeFileAtomic(output, chunks());
  return { from: format.name, to: target.name, entries: survey.entries, problems, problemCount, losses: writing.losses() };
}

/** What occurs in a file: its fields in the order of appearance, and the labels of each question. */
class Survey {
  entries = 0;
  private readonly names = new Set<string>();
  private readonly labels = new Map<QuestionId, Set<LabelId>>();
  private readonly several = new Set<QuestionId>();

  see({ fields, votes }: Entry): void {
    this.entries += 1;
    for (const name of Object.keys(fields)) this.names.add(name);
    for (const { question, answer } of votes) {
      if (answer.kind !== 'labels') continue;
      const known = this.labels.get(question) ?? new Set();
      for (const { label } of answer.annotations) known.add(label);
      if (answer.annotations.length > 1) this.several.add(question);
      this.labels.set(question, known);
    }
  }

  fields(): string[] {
    return [...this.names];
  }

  schema(): Schema {
    const found = [...this.labels].filter(([, labels]) => labels.size > 0);
    const questions = found.map(([id, labels]) => ({
      kind: 'choice' as const,
      id,
      title: id,
      multiple: this.several.has(id),
      labels: [...labels].map((label) => ({ id: label })),
    }));
    const none = { kind: 'choice' as const, id: questionId('label'), title: 'label', multiple: false, labels: [{ id: labelId('label') }] };
    return { questions: questions.length > 0 ? questions : [none] };
  }
}
