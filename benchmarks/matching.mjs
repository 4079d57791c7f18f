// Ten text rules, one after the other, on texts of about 100 characters on one thread: our labelers, the same patterns by re2js
// alone, and by native RegExp (which a pattern like (a+)+$ can stop for ever). `npm run build`, then `node benchmarks/matching.mjs [texts]`.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import keywords from '@labelwright/core/labelers/keywords';
import { Sample } from '@labelwright/core/labelers/labeler';
import regex from '@labelwright/core/labelers/regex';
import { checkOptions } from '@labelwright/core/model/about';
import { RE2JS } from 're2js';

const count = Number(process.argv[2] ?? 200_000);
const rounds = 5;

const money =
  'mortgage,refinance,refinancing,lender,lenders,loan,loans,credit card,credit report,debt,insurance,income,cash,dollars,millionaire,profit,profits,earn,earnings,invest,investment,investor,stock,stocks,market,price,prices,discount,bargain,cheap,bonus,prize,winner,lottery,casino,jackpot,guarantee,guaranteed,money back,risk free,no obligation,act now,order now,call now,toll free,limited time,special offer,work from home,home business,extra income';
const unix =
  'cvs,rpm,rpms,kernel,perl,python,procmail,exmh,apt-get,makefile,gcc,segfault,regex,sendmail,ssh,bugzilla,modprobe,debian,redhat,red hat,linux,unix,bsd,gnome,kde,emacs,vim,bash,shell,script,compile,compiler,patch,diff,server,client,socket,thread,module,driver,package,packages,mailing list,source code,open source,root,sudo,cron,daemon,tarball';
const rules = [
  { name: 'literal', pattern: 'click here' },
  { name: 'alternation', pattern: 'unsubscribe|opt[- ]?out|remove (me|yourself)' },
  { name: 'words', pattern: '\\b(buy|sell)\\s+now\\b' },
  { name: 'digits', pattern: '\\d{3,}' },
  { name: 'link', pattern: 'https?://\\S+' },
  { name: 'quote', pattern: '\\b(wrote|writes|said):' },
  { name: 'shouting', pattern: '[!?]{2,}' },
  { name: 'reply', pattern: '^(re|fwd?):' },
  { name: 'money words (50)', words: money.split(',') },
  { name: 'unix words (50)', words: unix.split(',') },
];

const texts = realTexts(count);
const items = texts.map((text, index) => ({ id: `i${index}`, parts: { text: { modality: 'text', content: text } }, fields: {} }));
const question = { kind: 'choice', id: 'q', title: 'q', multiple: false, labels: [{ id: 'yes' }] };

const labelers = rules.map(({ pattern, words }) => {
  const [labeler, given] = words ? [keywords, { words, label: 'yes' }] : [regex, { pattern, label: 'yes' }];
  const { answer } = labeler.prepare({ question, options: checkOptions(labeler, given), model: null });
  return (sample) => answer(sample).kind === 'labels';
});
const sourceOf = ({ pattern, words }) => pattern ?? `\\b(?:${words.map((word) => word.replace(/ /g, '\\s+')).join('|')})\\b`;
const re2 = rules.map((rule) => {
  const compiled = RE2JS.compile(sourceOf(rule), RE2JS.CASE_INSENSITIVE);
  return (sample) => compiled.test(sample.text());
});
const native = rules.map((rule) => {
  const compiled = new RegExp(sourceOf(rule), 'i');
  return (sample) => compiled.test(sample.text());
});

const engines = { labelwright: labelers, re2js: re2, 'native RegExp (unsafe)': native };
const names = Object.keys(engines);
const together = bestOf(Object.values(engines));
const perSecond = Object.fromEntries(names.map((name, e) => [name, Math.round(texts.length / together[e].seconds)]));

console.log(
  `${texts.length} texts, ${Math.round(texts.reduce((sum, text) => sum + text.length, 0) / texts.length)} characters each, best of ${rounds}`,
);
console.log('nanoseconds per text, reading the text included (texts that match):');
const table = rules.map(({ name }, r) => {
  const alone = bestOf(Object.values(engines).map((tests) => [tests[r]]));
  return [
    name,
    Object.fromEntries(names.map((engine, e) => [engine, `${Math.round((alone[e].seconds / texts.length) * 1e9)} (${alone[e].hits})`])),
  ];
});
console.table(Object.fromEntries(table));
console.log('texts per second, all ten rules:');
console.table(perSecond);
console.log(JSON.stringify({ benchmark: 'matching', texts: texts.length, perSecond, node: process.version }));

/** The best time of each, in turns: a busy machine then is unfair to nobody. */
function bestOf(competitors) {
  const best = competitors.map(() => ({ seconds: Number.POSITIVE_INFINITY, hits: 0 }));
  for (let round = 0; round < rounds; round++) {
    competitors.forEach((tests, c) => {
      const start = performance.now();
      best[c].hits = runAll(tests);
      best[c].seconds = Math.min(best[c].seconds, (performance.now() - start) / 1000);
    });
  }
  return best;
}

function runAll(tests) {
  let hits = 0;
  for (const item of items) {
    const sample = new Sample(item);
    for (const test of tests) if (test(sample)) hits++;
  }
  return hits;
}

/** Lines of real mail, cut at about 100 characters. */
function realTexts(wanted) {
  const file = new URL('../samples/spam-assassin/items.jsonl.gz', import.meta.url);
  const pieces = [];
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
    if (line === '') continue;
    const { subject, text } = JSON.parse(line);
    const whole = `${subject ?? ''}\n${text ?? ''}`;
    for (let at = 0; at + 100 <= whole.length; at += 100) pieces.push(whole.slice(at, at + 100));
  }
  // Copies through JSON: no piece keeps the mail it was cut from, as when texts come from a file.
  return JSON.parse(JSON.stringify(Array.from({ length: wanted }, (_, index) => pieces[index % pieces.length])));
}
