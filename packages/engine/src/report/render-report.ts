import type { Interval } from '@labelwright/core/math/statistics';
import type { LabelId } from '@labelwright/core/model/ids';
import { labelColor } from '@labelwright/core/model/palette';
import { accuracyChart, confidenceChart } from './charts.ts';
import { highlightedPart } from './highlighted.ts';
import { Html, html } from './html.ts';
import { reportStyle } from './report-style.ts';
import { usd } from './usd.ts';
import type { DisputedItem, QuestionReport, RunReport } from './run-report.ts';

/** The report as one page: no script, no network, light and dark, nothing of the items rendered as markup. */
export function renderReport(report: RunReport): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${report.project} – Labelwright report</title>
<style>${new Html(reportStyle)}</style>
</head>
<body>
<header><p class="brand">Labelwright report</p><h1>${report.project}</h1></header>
<main>
${report.questions.map((question) => renderQuestion(question, report))}
${report.problems.count > 0 && renderProblems(report)}
</main>
<footer>Made in ${report.seconds.toFixed(1)} s with at most ${report.peakMegabytes} MB of memory, seed ${report.seed}. Accuracy on gold has a Wilson 95 % interval; no estimate used the gold, but rules that were written with a look at it do better on it than on new items; estimated accuracy is the posterior's own opinion.</footer>
</body>
</html>
`;
  return page.text;
}

type ColorOf = (label: LabelId | undefined) => string;

function renderQuestion(question: QuestionReport, report: RunReport): Html {
  const positions = new Map(question.question.labels.map((label, position) => [label.id, position]));
  const colorOf: ColorOf = (label) => {
    const position = label === undefined ? undefined : positions.get(label);
    return position === undefined ? 'var(--muted)' : labelColor(question.question.labels[position], position);
  };
  return html`<section class="lead">
<h2>${question.question.title}</h2>
${renderFunnel(question, report.targetError)}
</section>
${question.warnings.length > 0 && html`<ul class="warnings">${question.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`}
<section><h3>Labelers</h3>
<p class="note">Who voted how often, for what, and how right they are. Hollow dot: estimated from the votes; full dot with whisker: measured on gold.</p>
${renderLabelers(question, colorOf)}
${question.ran.some(({ asked }) => asked !== undefined) && renderAsked(question)}
${question.labelers.some(({ voted }) => voted > 0) && html`<figure>${accuracyChart(question)}</figure>`}
</section>
<section class="two"><div><h3>How sure</h3><p class="note">Items by the probability of their answer. <span class="key accepted"></span>accepted <span class="key waiting"></span>waiting for people</p><figure>${confidenceChart(question)}</figure></div>
<div><h3>Answers</h3>${renderLabels(question, colorOf)}</div></section>
<section><h3>Who contradicts whom</h3><p class="note">Of the items on which both voted, the share on which they differ; below it, how many both voted on.</p>${renderConflicts(question)}</section>
<section><h3>Most disputed</h3><p class="note">Votes differ and the posterior is least sure: the first ones to look at. Marked words are what a labeler matched, in the colour of the label it votes for.</p>
${question.disputed.length === 0 ? html`<p class="empty">No item has votes that differ.</p>` : question.disputed.map((item, index) => renderDisputed(item, question, colorOf, index < 3))}</section>`;
}

function renderFunnel(question: QuestionReport, targetError: number): Html {
  const { items, accepted, waiting } = question;
  const part = (kind: string, count: number, text: string): Html | false =>
    count > 0 && html`<div class="part ${kind}" style="flex-grow:${count}"><b>${count.toLocaleString('en')}</b> <span>${text}</span></div>`;
  return html`<div class="facts">
${fact(items.toLocaleString('en'), 'items')}
${fact(percent(question.covered, items), 'have a vote')}
${fact(percent(question.conflicting, items), 'have votes that differ')}
${question.gold && fact(`${(question.gold.accuracy.estimate * 100).toFixed(1)} %`, `right on gold ${range(question.gold.accuracy)}`)}
${question.gold && question.gold.acceptedAccuracy.n > 0 && fact(`${(question.gold.acceptedAccuracy.estimate * 100).toFixed(1)} %`, `of the accepted right ${range(question.gold.acceptedAccuracy)}`)}
</div>
<div class="funnel" role="img" aria-label="${accepted} accepted, ${waiting.uncertain} uncertain, ${waiting.noVotes} without a vote">
${part('accepted', accepted, 'accepted')}${part('waiting', waiting.uncertain, 'wait: uncertain')}${part('none', waiting.noVotes, 'wait: no vote')}
</div>
<p class="note">Accepted are the surest items whose expected share of wrong labels, ${(question.expectedError * 100).toFixed(1)} %, stays within the target of ${targetError * 100} %. <b>Not certified</b>: that takes an audit by people. Posterior by <code>${question.method}</code>.</p>`;
}

function fact(value: string, name: string): Html {
  return html`<div class="fact"><b>${value}</b><span>${name}</span></div>`;
}

function renderAsked({ ran }: QuestionReport): Html {
  const rows = ran.flatMap(({ labeler, asked }) => {
    if (!asked) return [];
    const failed = Object.entries(asked.failed).map(([reason, count]) => `${count.toLocaleString('en')} ${reason}`);
    return [
      html`<tr><th scope="row">${labeler}<small>${asked.model}</small></th>
<td class="number">${usd(asked.usd)}${asked.openUsd > 0 && html`<small>of it ${usd(asked.openUsd)} without a bill</small>`}</td>
<td class="number">${usd(asked.usdPerVote)}</td>
<td class="number">${asked.calls.toLocaleString('en')}</td>
<td class="number">${asked.inputTokens.toLocaleString('en')}${asked.cachedInputTokens > 0 && html`<small>${asked.cachedInputTokens.toLocaleString('en')} cached</small>`}</td>
<td class="number">${asked.outputTokens.toLocaleString('en')}</td>
<td class="number">${asked.kept.toLocaleString('en')}</td>
<td>${failed.length > 0 ? failed.join(', ') : '–'}</td></tr>`,
    ];
  });
  return html`<h3>Language models</h3><p class="note">What was paid over all runs into this folder. Calls whose bill never came count at their highest price.</p>
<div class="scroll"><table><thead><tr><th>Labeler</th><th class="number">paid</th><th class="number">per vote</th><th class="number">calls</th><th class="number">tokens in</th><th class="number">tokens out</th><th class="number">kept answers</th><th>failed</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function renderLabelers(question: QuestionReport, colorOf: ColorOf): Html {
  const rows = question.labelers.map((labeler, index) => {
    const ran = question.ran[index];
    const votes = question.question.labels
      .map((label, position) => ({ label, count: labeler.votes[position] }))
      .filter(({ count }) => count > 0);
    return html`<tr><th scope="row">${labeler.labeler}<small>${ran.title}</small></th>
<td>${votes.length === 0 ? html`<span class="empty">never voted</span>` : votes.map(({ label, count }) => html`<span class="chip" style="--label:${colorOf(label.id)}">${label.title ?? label.id} <i>${count.toLocaleString('en')}</i></span>`)}</td>
<td class="number"><span class="bar" style="--share:${(labeler.voted / Math.max(1, question.items)) * 100}%"></span>${percent(labeler.voted, question.items)}</td>
<td class="number">${percent(labeler.overlapping, labeler.voted)}</td>
<td class="number">${percent(labeler.conflicting, labeler.voted)}</td>
<td class="number">${labeler.voted === 0 ? '–' : `${(labeler.estimatedAccuracy * 100).toFixed(1)} %`}</td>
<td class="number">${labeler.goldAccuracy ? html`${(labeler.goldAccuracy.estimate * 100).toFixed(1)} % <small>${range(labeler.goldAccuracy)}</small>` : '–'}</td>
<td class="number">${ran.computeSeconds.toFixed(2)} s${ran.costUsd > 0 && html`<small>${usd(ran.costUsd)}</small>`}</td>
<td class="number">${ran.failures > 0 ? html`<span class="bad" title="${ran.firstFailure ?? ''}">${ran.failures.toLocaleString('en')}</span>` : '0'}</td></tr>`;
  });
  return html`<div class="scroll"><table><thead><tr><th>Labeler</th><th>votes for</th><th class="number">coverage</th><th class="number">others voted too</th><th class="number">contradicted</th><th class="number">accuracy, estimated</th><th class="number">accuracy on gold</th><th class="number">compute</th><th class="number">failed</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function renderLabels(question: QuestionReport, colorOf: ColorOf): Html {
  const gold = new Map(question.gold?.labels.map((row) => [row.label, row]));
  const rows = question.labels.map(({ label, answered, share }) => {
    const scored = gold.get(label);
    return html`<tr><th scope="row"><span class="chip" style="--label:${colorOf(label)}">${label}</span></th><td class="number">${answered.toLocaleString('en')}</td><td class="number">${(share * 100).toFixed(1)} %</td>
${scored && html`<td class="number">${percent(scored.right, scored.answered)}</td><td class="number">${percent(scored.right, scored.gold)}</td>`}</tr>`;
  });
  return html`<div class="scroll"><table><thead><tr><th>Label</th><th class="number">answers</th><th class="number">share by the posterior</th>${question.gold && html`<th class="number">precision</th><th class="number">recall</th>`}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function renderConflicts({ labelers, overlaps, conflicts }: QuestionReport): Html {
  const m = labelers.length;
  const rows = labelers.map((a, row) => {
    const cells = labelers.map((b, column) => {
      const both = overlaps[row * m + column];
      if (row === column) return html`<td class="same"></td>`;
      if (both === 0) return html`<td class="apart" title="${a.labeler} and ${b.labeler} never voted on the same item">·</td>`;
      const share = conflicts[row * m + column] / both;
      return html`<td style="--heat:${(share * 55).toFixed(1)}%" title="${a.labeler} × ${b.labeler}: differ on ${conflicts[row * m + column]} of ${both}">${Math.round(share * 100)}<small>${both.toLocaleString('en')}</small></td>`;
    });
    return html`<tr><th scope="row">${a.labeler}</th>${cells}</tr>`;
  });
  return html`<div class="scroll"><table class="heat"><thead><tr><th></th>${labelers.map(({ labeler }) => html`<th scope="col"><span>${labeler}</span></th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function renderDisputed(item: DisputedItem, question: QuestionReport, colorOf: ColorOf, open: boolean): Html {
  const bars = question.labels
    .map(({ label }, index) => ({ label, probability: item.posterior[index] }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 6);
  const fields = Object.entries(item.fields).filter(
    ([name, value]) => value !== null && value !== '' && !item.parts.some((part) => part.name === name),
  );
  const title = item.parts.find(({ text }) => text.trim() !== '')?.text ?? item.id;
  return html`<details class="item"${open && new Html(' open')}><summary><span class="id">${item.id}</span> <span class="title">${Array.from(title).slice(0, 90).join('')}</span>
<span class="chip" style="--label:${colorOf(item.answer[0])}">${item.answer.join(', ') || 'none'} <i>${item.probability.toFixed(2)}</i></span>
${item.gold && html`<span class="gold">gold: ${item.gold.join(', ')}</span>`}</summary>
<div class="two"><div class="content">${item.parts.map(({ name, text }) => html`<h4>${name}</h4><p dir="auto" class="text">${highlightedPart(item, name, text, colorOf)}</p>`)}
${fields.length > 0 && html`<p class="fields">${fields.slice(0, 8).map(([name, value]) => html`<span><b>${name}</b> ${short(value)}</span>`)}</p>`}</div>
<div><h4>posterior</h4>${bars.map(({ label, probability }) => html`<div class="posterior"><span>${label}</span><span class="track"><span style="--label:${colorOf(label)};width:${(probability * 100).toFixed(1)}%"></span></span><span class="number">${probability.toFixed(2)}</span></div>`)}
<h4>votes</h4><ul class="votes">${item.votes.map((vote) => html`<li><b>${vote.labeler}</b> → ${vote.labels.length === 0 ? 'none' : vote.labels.map((label) => html`<span class="chip" style="--label:${colorOf(label)}">${label}</span>`)}${vote.confidence !== undefined && html` <i>${vote.confidence.toFixed(2)}</i>`}${vote.explanation && html`<p>${vote.explanation.reason}</p>`}</li>`)}</ul></div></div></details>`;
}

function renderProblems({ problems }: RunReport): Html {
  return html`<section><h3>Problems in the input</h3><p class="note">${problems.count.toLocaleString('en')} in all; the first of them:</p><ul class="problems">${problems.first.map((problem) => html`<li>${problem}</li>`)}</ul></section>`;
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)} %`;
}

function range({ low, high, n }: Interval): string {
  return `${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)}, n = ${n.toLocaleString('en')}`;
}
