/**
 * Memory of linked, idle WhatsApp sessions that share one connector process: what each adds beyond the first. In the same run
 * Baileys alone, with everything it remembers in memory. Both are measured after a restart, at rest, garbage not collected.
 * Run: npx tsx bench/idle-sessions.ts [sessions] [seconds of rest]
 * Goal: under 4 MB each.
 */
import { sleep, systemClock } from '../src/core/clock.ts';
import type { BareAuth } from './support/bare-child.ts';
import { linkBareClients, startBareProcess, waitUntil } from './support/bare-clients.ts';
import { linkSessions, networkYaml, waitForState } from './support/linked-product.ts';
import { describeMachine } from './support/machine.ts';
import { startNetworkProcess } from './support/network-process.ts';
import { cpuMicrosOf, rssBytesOf } from './support/process-figures.ts';
import { Product } from './support/product.ts';
import { median } from './support/statistics.ts';

const SESSIONS = Number(process.argv[2] ?? 100);
const REST_SECONDS = Number(process.argv[3] ?? 20);
const SAMPLES = 5;
const MB = 1_000_000;

const network = startNetworkProcess();
let product: Product | undefined;
try {
  console.log(describeMachine());
  const address = await network.call('open', { accounts: SESSIONS });
  product = new Product({ yaml: networkYaml(address) });
  await product.ready();
  await linkSessions(product, network, { from: 0, to: 1 });
  const one = await restAfterRestart(1);
  await linkSessions(product, network, { from: 1, to: SESSIONS });
  const many = await restAfterRestart(SESSIONS);
  report('bellhop', one, many);
  await product.stop();
  product = undefined;

  const bareNetwork = startNetworkProcess();
  try {
    const { endpoint } = await bareNetwork.call('open', { accounts: SESSIONS });
    const accounts = Array.from({ length: SESSIONS }, (_, index) => index);
    const remembered = await linkBareClients(bareNetwork, { endpoint, accounts });
    report('baileys alone', await bareRest(endpoint, remembered, 1), await bareRest(endpoint, remembered, SESSIONS));
  } finally {
    bareNetwork.end();
  }

  async function restAfterRestart(sessions: number): Promise<Rest> {
    const folder = (await product?.stop({ keepFiles: true })) ?? '';
    product = new Product({ yaml: networkYaml(address), folder });
    await product.ready();
    for (let index = 0; index < sessions; index += 1) await waitForState(product, index);
    return rest(product.connectorPid);
  }
} finally {
  await product?.stop();
  network.end();
}

interface Rest {
  readonly rssMb: number;
  /** Share of one core that the idle process uses. */
  readonly cpuShare: number;
}

async function bareRest(endpoint: string, remembered: ReadonlyMap<number, BareAuth>, sessions: number): Promise<Rest> {
  const bare = startBareProcess();
  try {
    for (const [index, auth] of [...remembered].slice(0, sessions)) {
      await bare.call('remember', { index, auth });
      await bare.call('resume', { index, endpoint });
    }
    await waitUntil(async () => (await bare.call('opened', undefined)) >= sessions);
    return await rest(bare.pid);
  } finally {
    bare.end();
  }
}

async function rest(pid: number): Promise<Rest> {
  await sleep(systemClock, REST_SECONDS * 1_000);
  const cpu = cpuMicrosOf(pid);
  const samples: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await sleep(systemClock, 1_000);
    samples.push(rssBytesOf(pid) / MB);
  }
  return { rssMb: median(samples), cpuShare: (cpuMicrosOf(pid) - cpu) / (SAMPLES * 1_000_000) };
}

function report(name: string, one: Rest, many: Rest): void {
  const each = (many.rssMb - one.rssMb) / (SESSIONS - 1);
  console.log(
    `${name}: ${each.toFixed(2)} MB for each session beyond the first (${one.rssMb.toFixed(0)} MB with one, ${many.rssMb.toFixed(0)} MB with ${SESSIONS}); at rest ${(many.cpuShare * 100).toFixed(1)} % of a core`,
  );
}
