import type { Question } from '@labelwright/core/model/schema';
import type { Certificate } from '@labelwright/contract/quality';
import type { Settings } from '@labelwright/contract/projects';
import type { ExportOptions } from '../stores/exports.ts';
import type { Tally } from './dataset.ts';

export interface CardLabeler {
  readonly name: string;
  readonly use: string;
  readonly version: number;
  readonly coverage: number | null;
  readonly accuracy: number | null;
}

export interface CardFacts {
  readonly project: string;
  readonly number: number;
  readonly question: Question;
  readonly settings: Settings;
  readonly options: ExportOptions;
  readonly format: string;
  readonly tally: Tally;
  readonly labelers: readonly CardLabeler[];
  readonly people: number;
  /** What the run expects to be wrong among what it accepted; absent without a run. */
  readonly expectedError: number | undefined;
  /** Of the labels of this run, that holds. */
  readonly certificate: Certificate | undefined;
  readonly date: Date;
  readonly sha256: string;
  readonly losses: readonly { readonly what: string }[];
  readonly version: string;
}

/** The data set card: what this file is, how it came about, and how far to trust it. Markdown, to be read. */
export function dataSetCard(facts: CardFacts): string {
  const { project, number, question, settings, options, format, tally, date } = facts;
  const day = date.toISOString().slice(0, 10);
  const title = plain(project);
  const paragraphs = [
    `# ${title}, version ${number}`,
    `${counted(tally.items, 'item')}, each with an answer to “${plain(question.title || question.id)}”, exported on ${day} as ${format}. ${inclusion(options)}`,
    '## Labels',
    `${question.multiple ? 'Several labels may hold for an item.' : 'Each item has one label.'} ${counted(question.labels.length, 'label')}:`,
    labelTable(facts),
    '## Who decided',
    whoDecided(facts),
    '## How far to trust it',
    trust(facts),
    ...(facts.labelers.length > 0 ? ['## Labelers', labelerTable(facts.labelers)] : []),
    ...(facts.losses.length > 0 ? ['## What the format could not hold', facts.losses.map(({ what }) => `- ${what}`).join('\n')] : []),
    '## How to cite',
    `${title} (version ${number}, ${day}). ${counted(tally.items, 'item')}, labeled with Labelwright ${facts.version}; target error ${percent(settings.targetError)}. SHA-256 \`${facts.sha256}\`.`,
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function inclusion({ include, fields, votes }: ExportOptions): string {
  const what = {
    all: 'All items of the project are in it, decided or not.',
    accepted: 'Only items are in it that the machine accepted or people answered.',
    answered: 'Only items are in it that people answered.',
  }[include];
  return `${what} The items’ own fields are ${fields ? '' : 'not '}included; the votes behind each label are ${votes ? '' : 'not '}included.`;
}

function labelTable({ question, tally }: CardFacts): string {
  const rows = question.labels.map(({ id, title, description }) => {
    const count = tally.labels.get(id) ?? 0;
    const share = tally.items === 0 ? 0 : count / tally.items;
    return `| ${cell(title ?? id)} | ${count.toLocaleString('en')} | ${percent(share)} | ${cell(description ?? '')} |`;
  });
  return ['| label | items | share | meaning |', '|---|--:|--:|---|', ...rows].join('\n');
}

function whoDecided({ tally, people }: CardFacts): string {
  const { person, machine, nobody } = tally.decided;
  return [
    `${counted(person, 'item')} ${person === 1 ? 'was' : 'were'} answered by people (${counted(people, 'person', 'people')} took part): the answer of most, and where they were of two minds, the one that the machine held for likelier.`,
    `${counted(machine, 'item')} ${machine === 1 ? 'has' : 'have'} the machine’s answer: the most probable one by all votes, with its probability.`,
    ...(nobody > 0 ? [`${counted(nobody, 'item')} ${nobody === 1 ? 'has' : 'have'} no answer yet.`] : []),
  ].join(' ');
}

function trust({ settings, expectedError, certificate }: CardFacts): string {
  const aim = `The target is that at most ${percent(settings.targetError)} of the accepted labels are wrong.`;
  const expected =
    expectedError === undefined
      ? 'No run has estimated the labels.'
      : `By the machine’s own account ${percent(expectedError)} of what it accepted is expected to be wrong.`;
  if (certificate) {
    const { text, threshold, accepted, pool, wrong, look, riskSpent, seed, createdAt, run } = certificate;
    const which =
      accepted < pool
        ? ` It speaks of the labels with a probability of at least ${percent(threshold)}, ${accepted.toLocaleString('en')} of ${pool.toLocaleString('en')}.`
        : '';
    const found =
      wrong === 0
        ? 'none of them was wrong'
        : `${counted(wrong, 'label')} of them ${wrong === 1 ? 'was' : 'were'} wrong and ${wrong === 1 ? 'is' : 'are'} corrected here`;
    const how = `The sample was drawn uniformly at random from the accepted labels of run ${run.number} that no person had answered (seed ${seed}), and checked by people who did not see the machine’s opinion: ${found}. Method: Learn-then-Test on exact hypergeometric tails, look ${look}, risk spent ${riskSpent.toFixed(4)}, ${createdAt.slice(0, 10)}.`;
    return `${aim} **Certified**: ${text}.${which} ${how}`;
  }
  return `${aim} ${expected} **Not certified**: no random sample of the accepted labels was checked by people, so this is an expectation and no proof.`;
}

function labelerTable(labelers: readonly CardLabeler[]): string {
  const rows = labelers.map(
    ({ name, use, version, coverage, accuracy }) =>
      `| ${cell(name)} | ${cell(use)} | ${version} | ${coverage === null ? '–' : percent(coverage)} | ${accuracy === null ? '–' : percent(accuracy)} |`,
  );
  return ['| labeler | kind | version | votes on | estimated accuracy |', '|---|---|--:|--:|--:|', ...rows].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** What users wrote is text here, never markup. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#|]/g, '\\$&');
}

function cell(text: string): string {
  return plain(text.slice(0, 300));
}
