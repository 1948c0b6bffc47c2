/**
 * What it costs to be connected again: all lines are cut at once, and everybody comes back. In the same run Baileys alone, which
 * connects again at once; Bellhop waits as its policy says, so only CPU time is compared.
 * Run: npx tsx bench/reconnect.ts [sessions] [rounds]
 */
import { sleep, systemClock } from '../src/core/clock.ts';
import { linkBareClients, startBareProcess, waitUntil } from './support/bare-clients.ts';
import { linkSessions, networkYaml } from './support/linked-product.ts';
import { describeMachine } from './support/machine.ts';
import type { NetworkServices } from './support/network-child.ts';
import { startNetworkProcess } from './support/network-process.ts';
import { cpuMicrosOf } from './support/process-figures.ts';
import { Product } from './support/product.ts';
import type { RemoteProcess } from './support/remote.ts';
import { describeSpread, median } from './support/statistics.ts';

const SESSIONS = Number(process.argv[2] ?? 20);
const ROUNDS = Number(process.argv[3] ?? 5);
const QUIET_MS = 3_000; // what follows a login: keys, presence, the phone's introduction

console.log(describeMachine());
const own = await measureProduct();
const bare = await measureBare();
report('bellhop', own);
report('baileys alone', bare);
console.log(`CPU: ${(median(own) / median(bare)).toFixed(2)} × baileys alone`);

function report(name: string, cpuMs: readonly number[]): void {
  const perSecond = cpuMs.map((each) => 1_000 / each);
  console.log(
    `${name}: CPU-ms a reconnect ${describeSpread(cpuMs)}; a core's worth is ${describeSpread(perSecond, 0)} a second`,
  );
}

async function measureProduct(): Promise<readonly number[]> {
  const network = startNetworkProcess();
  let product: Product | undefined;
  try {
    product = new Product({ yaml: networkYaml(await network.call('open', { accounts: SESSIONS })) });
    await product.ready();
    await linkSessions(product, network, { from: 0, to: SESSIONS });
    const { pid, connectorPid } = product;
    return await cutAndCount(network, () => cpuMicrosOf(pid) + cpuMicrosOf(connectorPid));
  } finally {
    await product?.stop();
    network.end();
  }
}

async function measureBare(): Promise<readonly number[]> {
  const network = startNetworkProcess();
  const bare = startBareProcess();
  try {
    const { endpoint } = await network.call('open', { accounts: SESSIONS });
    const accounts = Array.from({ length: SESSIONS }, (_, index) => index);
    for (const [index, auth] of await linkBareClients(network, { endpoint, accounts })) {
      await bare.call('remember', { index, auth });
      await bare.call('resume', { index, endpoint });
    }
    return await cutAndCount(network, () => cpuMicrosOf(bare.pid));
  } finally {
    bare.end();
    network.end();
  }
}

/** CPU milliseconds a reconnect, one figure a round; the first round warms up. */
async function cutAndCount(network: RemoteProcess<NetworkServices>, cpuMicros: () => number): Promise<number[]> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    await waitUntil(async () => (await network.call('online', undefined)) === SESSIONS);
    await sleep(systemClock, QUIET_MS);
    const before = cpuMicros();
    await network.call('cut', undefined);
    await waitUntil(async () => (await network.call('online', undefined)) === SESSIONS);
    await sleep(systemClock, QUIET_MS);
    if (round > 0) rounds.push((cpuMicros() - before) / 1_000 / SESSIONS);
  }
  return rounds;
}
