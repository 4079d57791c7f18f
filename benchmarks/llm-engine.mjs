// Items through a language model that answers after 50 ms, on loopback, 32 calls at once: what asking costs beside waiting.
// node benchmarks/llm-engine.mjs [items]; needs a build. The fake server is a process of its own.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const latencyMs = 50;
const concurrency = 32;
const dist = new URL('../packages/engine/dist/', import.meta.url);

if (process.argv[2] === 'serve') {
  const { startFakeLlm } = await import(new URL('providers/testing/fake-llm.js', dist));
  const fake = await startFakeLlm({ latencyMs });
  process.send(fake.url);
  process.on('message', () =>
    process.send({ answered: fake.answered.size, twice: [...fake.answered.values()].filter((count) => count > 1).length }),
  );
} else await measure(Number(process.argv[2] ?? 10_000));

/** What is really held: after a full collection. */
function heapMegabytes() {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return (process.memoryUsage().heapUsed / 2 ** 20).toFixed(1);
}

async function measure(n) {
  const { askItems } = await import(new URL('llm/ask-items.js', dist));
  const { FileLedger } = await import(new URL('llm/file-ledger.js', dist));
  const { inquiryTo, itemsUpTo } = await import(new URL('llm/testing-inquiry.js', dist));
  const { createRandom } = await import('../packages/core/dist/math/random.js');
  const child = fork(fileURLToPath(import.meta.url), ['serve']);
  const [url] = await once(child, 'message');
  const folder = mkdtempSync(join(tmpdir(), 'labelwright-bench-'));
  const path = join(folder, 'ledger');

  /** The same requests by bare HTTP, nothing read or kept: what this machine can do at this moment. */
  async function bare() {
    const agent = new Agent({ keepAlive: true });
    const item = (i) => `The code of the tags is abc.\n\n<item-abc>\nitem ${i}\n</item-abc>`;
    const load = loadavg()[0].toFixed(1);
    const cpu = process.cpuUsage();
    const started = performance.now();
    let next = 0;
    const one = async () => {
      while (next < n) {
        const body = JSON.stringify({
          messages: [
            { role: 'user', content: 'x'.repeat(1500) },
            { role: 'user', content: item(next++) },
          ],
        });
        const sent = request(`${url}/v1/chat/completions`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
        sent.end(body);
        const [response] = await once(sent, 'response');
        for await (const _ of response);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, one));
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const bound = (n / concurrency) * (latencyMs / 1000);
    console.log(
      `| bare HTTP, for comparison | ${seconds.toFixed(2)} | ${bound.toFixed(2)} | ${((seconds / bound - 1) * 100).toFixed(1)} % | ${((user + system) / 1e6).toFixed(1)} | | | | ${load} |`,
    );
    agent.destroy();
  }

  async function run(name, options, provider) {
    const ledger = await FileLedger.open(path);
    const inquiry = { ...(await inquiryTo(url, options)), ...(provider && { provider }) };
    const marks = [];
    let done = 0;
    const load = loadavg()[0].toFixed(1);
    const cpu = process.cpuUsage();
    const started = performance.now();
    const onAnswer = () => {
      done += 1;
      if (done % Math.floor(n / 4) === 0) marks.push(heapMegabytes());
    };
    const summary = await askItems(inquiry, itemsUpTo(n), { ledger, random: createRandom(1), onAnswer, concurrency });
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const asked = Math.ceil((n - summary.cached) / (options.batchSize ?? 1));
    const bound = ((asked / concurrency) * latencyMs) / 1000;
    const over = bound > 0 ? `${((seconds / bound - 1) * 100).toFixed(1)} %` : '–';
    const [{ usd }] = await ledger.spending();
    await ledger.close();
    inquiry.provider.close();
    const kilobytes = Math.round(statSync(path).size / 1024);
    console.log(
      `| ${name} | ${seconds.toFixed(2)} | ${bound.toFixed(2)} | ${over} | ${((user + system) / 1e6).toFixed(1)} | ${marks.join(', ')} | ${kilobytes} | ${usd.toFixed(2)} | ${load} |`,
    );
    if (summary.answered !== n) throw new Error(`only ${summary.answered} of ${n} were answered`);
  }
  try {
    console.log(`${n.toLocaleString('en')} items, ${latencyMs} ms, ${concurrency} at once\n`);
    console.log(
      '| | seconds | bound by latency | over it | CPU s | heap MB after each quarter | ledger KB | paid USD | load |\n|---|---|---|---|---|---|---|---|---|',
    );
    await bare();
    await run('one item a request', {});
    await run('again: all kept', {});
    await run('ten items a request', { batchSize: 10 });
    child.send('report');
    const [{ answered, twice }] = await once(child, 'message');
    console.log(`\nPeak memory of the asking process ${Math.round(process.resourceUsage().maxRSS / 1024)} MB.`);
    console.log(`The fake answered ${answered} items, ${twice} of them in both ways of asking; nothing else was asked twice.`);
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
