import { styleText } from 'node:util';
import type { Interval } from '@labelwright/core/math/statistics';
import type { QuestionReport, RunReport } from '@labelwright/engine/report/run-report';
import { usd } from '@labelwright/engine/report/usd';

/** What a run came to, for the terminal. */
export function summarizeRun(report: RunReport, written: readonly string[]): string {
  const blocks = report.questions.map((question) => summarizeQuestion(question, report.targetError));
  const problems =
    report.problems.count === 0
      ? []
      : [`${report.problems.count.toLocaleString('en')} problems in the input, the first: ${report.problems.first[0]}`];
  return [
    bold(report.project),
    ...blocks,
    ...problems,
    row('seconds', `${report.seconds.toFixed(1)} s, peak memory ${report.peakMegabytes} MB`),
    'Written:',
    ...written.map((path) => `  ${path}`),
    '',
  ].join('\n');
}

function summarizeQuestion(question: QuestionReport, targetError: number): string {
  const { items } = question;
  const waiting = question.waiting.uncertain + question.waiting.noVotes;
  const failures = question.ran
    .filter(({ failures }) => failures > 0)
    .map(({ labeler, failures, firstFailure }) => `  ${labeler} failed on ${failures} items, first: ${firstFailure}`);
  const lines = [
    `  ${question.question.title}`,
    row('items', items.toLocaleString('en')),
    row('coverage', `${percent(question.covered, items)} have at least one vote of ${question.labelers.length} labelers`),
    row('conflicts', `${percent(question.conflicting, items)} have votes that differ`),
    row(
      'accepted',
      `${question.accepted.toLocaleString('en')} (${percent(question.accepted, items)}), expected error ${(question.expectedError * 100).toFixed(1)} % of at most ${targetError * 100} %; not certified: no audit yet`,
    ),
    row(
      'waiting for people',
      `${waiting.toLocaleString('en')} (${question.waiting.uncertain.toLocaleString('en')} uncertain, ${question.waiting.noVotes.toLocaleString('en')} without a vote)`,
    ),
    row('aggregator', question.method),
  ];
  if (question.gold) {
    lines.push(row('accuracy on gold', `${interval(question.gold.accuracy)}; of the accepted ${interval(question.gold.acceptedAccuracy)}`));
  }
  for (const { labeler, asked } of question.ran) {
    if (!asked) continue;
    const kept = asked.kept > 0 ? `, ${asked.kept.toLocaleString('en')} answers kept` : '';
    const paid = `${usd(asked.usd)} for ${asked.calls.toLocaleString('en')} calls of ${asked.model}, ${usd(asked.usdPerVote)} a vote${kept}`;
    lines.push(row('paid', `${labeler}: ${paid}`));
  }
  for (const warning of question.warnings) lines.push(styleText('yellow', `  ! ${warning}`));
  return [...lines, ...failures].join('\n');
}

/** `94.1 % (93.5–94.7, n = 6,046)`: Wilson 95 %. */
export function interval({ estimate, low, high, n }: Interval): string {
  if (n === 0) return 'too few to say';
  return `${(estimate * 100).toFixed(1)} % (${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)}, n = ${n.toLocaleString('en')})`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)} %`;
}

const row = (name: string, value: string): string => `  ${name.padEnd(20)}${value}`;
const bold = (text: string): string => styleText('bold', text);
