/* oxlint-disable unicorn/no-thenable -- `then` is what rules have: data, never a function */
// Rules per second, on one thread, on items of a mail-like kind: CEL expressions, a decision table and a rule set, beside json-rules-engine
// where it can be found. `npm run build`, then `node benchmarks/rules.mjs [items]`; for the last line
// `npm i --prefix /tmp/rules json-rules-engine@7.3.1` and `RULES_ENGINE=/tmp/rules/node_modules/json-rules-engine node benchmarks/rules.mjs`.
import { createRequire } from 'node:module';
import decisionTable from '@labelwright/core/labelers/decision-table';
import expression from '@labelwright/core/labelers/expression';
import { Sample } from '@labelwright/core/labelers/labeler';
import ruleSet from '@labelwright/core/labelers/rule-set';
import { checkOptions } from '@labelwright/core/model/about';
import functionLabeler from '@labelwright/engine/runtimes/function';

const count = Number(process.argv[2] ?? 50_000);
const rounds = 5;

const countries = ['NG', 'DE', 'US', 'FR', 'RU'];
const texts = [
  'Free money, click http://x.yz now',
  'Shall we have lunch tomorrow at the usual place?',
  'Your invoice of last month is attached; please pay within two weeks',
];
const items = Array.from({ length: count }, (_, index) => {
  const text = texts[index % texts.length];
  return {
    id: `i${index}`,
    parts: { text: { modality: 'text', content: text } },
    fields: { text, amount: String((index * 37) % 400), country: countries[index % 5], attachments: index % 4, known: index % 3 === 0 },
  };
});
const question = { kind: 'choice', id: 'q', title: 'q', multiple: false, labels: ['spam', 'ham', 'ads'].map((id) => ({ id })) };
const prepare = (labeler, options) => labeler.prepare({ question, options: checkOptions(labeler, options), model: null });

const tenRules = [
  'size(text) < 10',
  'amount > 390 && country == "NG"',
  'attachments > 3',
  'text.contains("lottery")',
  'text.matches("(?i)viagra|casino")',
  'country in ["XX", "YY"]',
  'known && amount > 395',
  'lower(text).startsWith("dear")',
  'count(text, "!") > 3',
  'has(item.spamScore)',
];
const steps = {
  facts: { risk: 0 },
  rules: [
    { name: 'link', when: 'text.contains("http")', then: { fact: { risk: 'risk + 2' } } },
    { name: 'free', when: 'text.contains("Free")', then: { fact: { risk: 'risk + 1' } } },
    { name: 'money', when: 'amount > 200', then: { fact: { risk: 'risk + 1' } } },
    { name: 'stranger', when: '!known', then: { fact: { stranger: true } } },
    { name: 'far', when: ['country in ["NG", "RU"]', 'stranger'], then: { fact: { risk: 'risk + 1' } } },
    { name: 'spam', when: 'risk >= 3', then: { label: 'spam' }, priority: 10 },
    { name: 'ham', when: 'risk == 0', then: { label: 'ham' } },
  ],
};
const table = `amount,country,size(text),known,label
> 350,"NG, RU",-,false,spam
-,-,< 35,-,ads
[0..100],not(NG),-,true,ham
-,-,> 60,-,ham
`;

const labelers = {
  'expression, 1 rule: amount > 100': [1, prepare(expression, { when: 'amount > 100', label: 'spam' })],
  'expression, 1 rule: size(text) < 40 && text.contains("http")': [
    1,
    prepare(expression, { when: 'size(text) < 40 && text.contains("http")', label: 'spam' }),
  ],
  'expression, 10 rules, none holds': [10, prepare(expression, { rules: tenRules.map((when) => ({ when, label: 'spam' })) })],
  'decision table, 4 rows of 4 columns': [4, prepare(decisionTable, { table })],
  'rule set, 7 rules in 2 steps': [7, prepare(ruleSet, steps)],
  'function in QuickJS: text.includes': [
    1,
    await prepare(functionLabeler, { source: `export default ({ text }) => (text.includes('http') ? 'spam' : null);` }),
  ],
};

const [{ model }] = (await import('node:os')).cpus();
console.log(`${count} items, best of ${rounds}, Node ${process.version}, ${model}`);
console.log('items/s      rules/s      failed');
for (const [name, [rules, answerer]] of Object.entries(labelers)) {
  let best = Number.POSITIVE_INFINITY;
  let failed = 0;
  for (let round = 0; round < rounds; round++) {
    const samples = items.map((item) => new Sample(item));
    const started = performance.now();
    failed = 0;
    for (const sample of samples) if (answerer.answer(sample).kind === 'failed') failed++;
    best = Math.min(best, performance.now() - started);
  }
  print(count / (best / 1000), rules, failed, name);
  answerer.dispose?.();
}

const engineFolder = process.env.RULES_ENGINE;
if (engineFolder) {
  const { Engine } = createRequire(import.meta.url)(engineFolder);
  const engine = new Engine([], { allowUndefinedFacts: true });
  engine.addRule({ conditions: { all: [{ fact: 'amount', operator: 'greaterThan', value: 100 }] }, event: { type: 'spam' } });
  const facts = items.slice(0, 5_000).map(({ fields }) => ({ ...fields, amount: Number(fields.amount) }));
  const started = performance.now();
  for (const each of facts) await engine.run(each);
  print(facts.length / ((performance.now() - started) / 1000), 1, 0, 'json-rules-engine, 1 rule: amount > 100');
}

function print(perSecond, rules, failed, name) {
  const columns = [perSecond, perSecond * rules].map((each) => Math.round(each).toLocaleString('en-US').padEnd(12));
  console.log(`${columns.join(' ')} ${String(failed).padEnd(7)} ${name}`);
}
