import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { aggregators } from '@labelwright/core/aggregators/index';
import { askedLabelers } from '@labelwright/core/labelers/index';
import type { AnyAskedLabeler } from '@labelwright/core/labelers/labeler';
import { checkOptions } from '@labelwright/core/model/about';
import { CoreError, reasonOf } from '@labelwright/core/model/errors';
import { labelerId, labelId, questionId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import { describeProblem, type Problem } from '@labelwright/core/model/problem';
import { checkSchema, type Question, questionOf, type Schema } from '@labelwright/core/model/schema';
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { labelers as techniques } from '../labelers.ts';
import { askedOptions, askedTechnique, pricesAt } from './asked.ts';
import type { ConnectionSpec, GoldSpec, LabelerSpec, Project } from './project.ts';
import { type ProjectFile, projectFile } from './project-file.ts';

type Key = readonly (string | number)[];
type Report = (key: Key, message: string) => void;

/** Reads and checks a project file whole: every fault is found in one go.
 *  @throws CoreError 'bad-project' with `details.problems`: file, line, key, and what was expected */
export async function loadProject(path: string): Promise<Project> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new CoreError('no-file', `${path}: cannot be read (${reasonOf(error)})`, {}, { cause: error });
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems: Problem[] = document.errors.map((error) => ({
    file: path,
    line: lines.linePos(error.pos[0]).line,
    message: error.message,
  }));
  throwIfAny(problems);

  const report: Report = (key, message) => {
    const line = lineOf(document, lines, key);
    problems.push({ file: path, ...(line !== undefined && { line }), key: key.join('.'), message });
  };
  const parsed = projectFile.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    for (const issue of parsed.error.issues) reportIssue(issue, report);
    throwIfAny(problems);
    throw parsed.error;
  }
  const project = await buildProject(parsed.data, resolve(dirname(path)), report);
  throwIfAny(problems);
  return project;
}

function throwIfAny(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const details = { problems: problems.map((problem) => ({ ...problem })) };
  throw new CoreError('bad-project', problems.map(describeProblem).join('\n'), details);
}

/** zod's union errors hide the useful fault one level down: take the branch that got furthest. */
function reportIssue(issue: z.core.$ZodIssue, report: Report, above: Key = []): void {
  const key = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const furthest = issue.errors.reduce((best, branch) => (depth(branch) > depth(best) ? branch : best));
    if (depth(furthest) > 0) {
      for (const inner of furthest) reportIssue(inner, report, key);
      return;
    }
  }
  if (issue.code === 'unrecognized_keys') {
    for (const name of issue.keys) report([...key, name], `there is no such key here`);
    return;
  }
  report(key, issue.message);
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));
}

/** The line of the value at `key`, or of the nearest key above it that exists. */
function lineOf(document: Document, lines: LineCounter, key: Key): number | undefined {
  for (let length = key.length; length >= 0; length--) {
    const parent: unknown = document.getIn(key.slice(0, length - 1), true);
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(key[length - 1])) : undefined;
    const node = (pair?.key ?? document.getIn(key.slice(0, length), true)) as { range?: readonly number[] | null } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

async function buildProject(file: ProjectFile, folder: string, report: Report): Promise<Project> {
  const schema = buildSchema(file, report);
  const connections = buildConnections(file, report);
  const labelers = schema ? await buildLabelers(file, folder, schema, connections, report) : [];
  checkAggregator(file, report);
  if (file.shares && schema) checkShares(file.shares, questionOf(schema), report);
  const { items, gold } = file;
  return {
    name: file.name,
    folder,
    items: {
      file: resolve(folder, items.file),
      text: items.text,
      hide: items.hide,
      ...(items.format !== undefined && { format: items.format }),
      ...(items.encoding !== undefined && { encoding: items.encoding }),
      ...(items.id !== undefined && { id: items.id }),
    },
    schema: schema ?? { questions: [] },
    labelers,
    connections,
    ...(file.budgetUsd !== undefined && { budgetUsd: file.budgetUsd }),
    ...(gold && schema && { gold: buildGold(gold, folder, schema, report) }),
    aggregator: file.aggregator,
    ...(file.shares && { shares: file.shares }),
    targetError: file.targetError,
    confidence: file.confidence,
    seed: file.seed,
    output: resolve(folder, file.output),
  };
}

function buildSchema(file: ProjectFile, report: Report): Schema | undefined {
  const given = file.questions ?? (file.question ? [file.question] : []);
  try {
    const questions = given.map(
      (question): Question => ({
        kind: 'choice',
        id: questionId(question.id),
        title: question.title ?? question.id,
        multiple: question.multiple,
        labels: question.labels.map((label) => {
          if (typeof label === 'string') return { id: labelId(label) };
          const { id, parent, ...rest } = label;
          const shown = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
          return { id: labelId(id), ...shown, ...(parent !== undefined && { parent: labelId(parent) }) };
        }),
      }),
    );
    return checkSchema({ questions, ...(file.guidelines !== undefined && { guidelines: file.guidelines }) });
  } catch (error) {
    report([file.questions ? 'questions' : 'question'], reasonOf(error));
    return undefined;
  }
}

function buildConnections({ connections }: ProjectFile, report: Report): Map<string, ConnectionSpec> {
  const specs = Object.entries(connections).map(([name, { keyFrom, baseUrl, callsPerMinute, ...rest }]): [string, ConnectionSpec] => {
    if (rest.provider === 'openai-compatible' && baseUrl === undefined)
      report(['connections', name], 'an openai-compatible server needs a baseUrl, like http://localhost:11434/v1');
    if (rest.provider !== 'openai-compatible' && keyFrom === undefined)
      report(['connections', name], `${rest.provider} needs a key: keyFrom: env NAME`);
    if (rest.batchApi && rest.provider !== 'openai') report(['connections', name, 'batchApi'], 'is of openai alone');
    const more = { ...(baseUrl !== undefined && { baseUrl }), ...(callsPerMinute !== undefined && { callsPerMinute }) };
    return [name, { ...rest, ...more, ...(keyFrom !== undefined && { keyVariable: keyFrom }) }];
  });
  return new Map(specs);
}

async function buildLabelers(
  file: ProjectFile,
  folder: string,
  schema: Schema,
  connections: Project['connections'],
  report: Report,
): Promise<LabelerSpec[]> {
  const specs: LabelerSpec[] = [];
  const seen = new Set<string>();
  for (const [index, given] of file.labelers.entries()) {
    const key = ['labelers', index];
    if (seen.has(given.id)) report([...key, 'id'], `there are two labelers called '${given.id}'`);
    seen.add(given.id);
    if (!given.enabled) continue;
    try {
      const options = (await readFileOptions(given.with, folder, [...key, 'with'], report)) as Json;
      const spec: LabelerSpec = {
        id: labelerId(given.id),
        use: given.use,
        question: questionOf(schema, given.question === undefined ? undefined : questionId(given.question)).id,
        with: options,
        costUsd: given.costUsd,
        ...(given.silence && { silence: given.silence }),
        ...(given.budgetUsd !== undefined && { budgetUsd: given.budgetUsd }),
      };
      const askedOf = askedTechnique(spec.use);
      if (askedOf) checkAsked(spec, askedOf, connections, key, report);
      else await checkLabeler(spec, schema, key, report);
      specs.push(spec);
    } catch (error) {
      report(key, reasonOf(error));
    }
  }
  return specs;
}

/** `{ file: rules.csv }` stands for the text of that file, anywhere in the options of a labeler. */
async function readFileOptions(value: unknown, folder: string, key: Key, report: Report): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((inner, index) => readFileOptions(inner, folder, [...key, index], report)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0][0] === 'file' && typeof entries[0][1] === 'string') {
    return readFile(resolve(folder, entries[0][1]), 'utf8').catch((error) => {
      report([...key, 'file'], `cannot be read (${reasonOf(error)})`);
      return '';
    });
  }
  const read = entries.map(async ([name, inner]) => [name, await readFileOptions(inner, folder, [...key, name], report)] as const);
  return Object.fromEntries(await Promise.all(read));
}

function checkAsked(spec: LabelerSpec, technique: AnyAskedLabeler, connections: Project['connections'], key: Key, report: Report): void {
  try {
    const { connection: name, model } = askedOptions(technique, spec.with);
    const connection = connections.get(name);
    if (connection) pricesAt(name, connection, model);
    else {
      const known = [...connections.keys()].join(', ') || 'none';
      report([...key, 'with', 'connection'], `there is no connection '${name}'; there is ${known}`);
    }
  } catch (error) {
    reportOptions(error, key, report);
  }
}

async function checkLabeler(spec: LabelerSpec, schema: Schema, key: Key, report: Report): Promise<void> {
  const technique = techniques.find(({ name }) => name === spec.use);
  if (!technique) {
    report(
      [...key, 'use'],
      `there is no technique '${spec.use}'; there is ${[...techniques, ...askedLabelers].map(({ name }) => name).join(', ')}`,
    );
    return;
  }
  try {
    const options = checkOptions(technique, spec.with);
    if (technique.learn) return;
    const answerer = await technique.prepare({ question: questionOf(schema, spec.question), options, model: null });
    answerer.dispose?.();
  } catch (error) {
    reportOptions(error, key, report);
  }
}

function reportOptions(error: unknown, key: Key, report: Report): void {
  const issues =
    error instanceof CoreError ? (error.details.issues as readonly { path: string[]; message: string }[] | undefined) : undefined;
  if (issues) for (const issue of issues) report([...key, 'with', ...issue.path.map(toIndex)], issue.message);
  else report([...key, 'with', ...pathIn(error)], reasonOf(error));
}

/** Where `prepare` says that the fault lies: `details.path`, "rules.2.pattern". */
function pathIn(error: unknown): (string | number)[] {
  const path = error instanceof CoreError ? error.details.path : undefined;
  return typeof path === 'string' ? path.split('.').map(toIndex) : [];
}

const toIndex = (part: string): string | number => (/^\d+$/.test(part) ? Number(part) : part);

function checkAggregator(file: ProjectFile, report: Report): void {
  const aggregator = aggregators.find(({ name }) => name === file.aggregator.use);
  if (!aggregator) {
    report(['aggregator'], `there is no aggregator '${file.aggregator.use}'; there is ${aggregators.map(({ name }) => name).join(', ')}`);
    return;
  }
  try {
    checkOptions(aggregator, file.aggregator.with);
  } catch (error) {
    report(['aggregator', 'with'], reasonOf(error));
  }
}

function checkShares(shares: Readonly<Record<string, number>>, question: Question, report: Report): void {
  const labels = question.labels.map((label) => String(label.id));
  for (const name of Object.keys(shares))
    if (!labels.includes(name)) report(['shares', name], `is not a label; the labels are ${labels.join(', ')}`);
  for (const name of labels) if (!(name in shares)) report(['shares'], `there is no share for '${name}'`);
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  if (!question.multiple && Math.abs(sum - 1) > 0.01) report(['shares'], `must sum to 1, got ${sum.toFixed(3)}`);
}

function buildGold(gold: NonNullable<ProjectFile['gold']>, folder: string, schema: Schema, report: Report): GoldSpec {
  const question = questionOf(schema, gold.question === undefined ? undefined : questionId(gold.question));
  const known = new Set<string>(question.labels.map((label) => label.id));
  const labels = gold.labels && Object.fromEntries(Object.entries(gold.labels).map(([value, label]) => [value, labelId(label)]));
  for (const [value, label] of Object.entries(labels ?? {})) {
    if (!known.has(label)) report(['gold', 'labels', value], `'${label}' is not a label; the labels are ${[...known].join(', ')}`);
  }
  const source = gold.field !== undefined ? { field: gold.field } : { file: resolve(folder, gold.file ?? '') };
  return { ...source, question: question.id, ...(labels && { labels }) };
}
