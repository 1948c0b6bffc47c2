/**
 * How fast a backlog comes in: guests have written while nobody was connected, then everything connects and drains the queue.
 * Bellhop: decrypted, journalled, stored, given to a webhook. Baileys alone: decrypted and in memory, nothing stored. Both run
 * on one core, the network on the other.
 * Run: npx tsx bench/inbound-rate.ts [sessions] [messages each] [rounds]
 */
import { linkBareClients, startBareProcess, waitUntil } from './support/bare-clients.ts';
import { linkSessions, networkYaml, sessionId, waitForState } from './support/linked-product.ts';
import { describeMachine, sharedMicros } from './support/machine.ts';
import { startNetworkProcess } from './support/network-process.ts';
import { bindToCore, cpuMicrosOf } from './support/process-figures.ts';
import { Product } from './support/product.ts';
import { Receiver, webhookYaml } from './support/receiver.ts';
import { describeSpread, median } from './support/statistics.ts';

const SESSIONS = Number(process.argv[2] ?? 5);
const EACH = Number(process.argv[3] ?? 100);
const ROUNDS = Number(process.argv[4] ?? 5);
const COUNT = SESSIONS * EACH;
const PER_SECOND = 200; // guests write into the queue; nothing is measured meanwhile
const LIMIT_MS = 120_000;
const CORE = 0;
const OTHER_CORE = 1;

interface Round {
  readonly perSecond: number;
  readonly cpuMicros: number;
  /** Of `cpuMicros` what the daemon used, as opposed to the connector. */
  readonly daemonMicros: number;
}

console.log(describeMachine());
const own = await measureProduct();
const bare = await measureBare();
report('bellhop, durable and given to a webhook', own);
report('baileys alone, in memory', bare);
const ratio = median(own.map((round) => round.cpuMicros)) / median(bare.map((round) => round.cpuMicros));
console.log(`CPU: ${ratio.toFixed(2)} × baileys alone`);

function report(name: string, rounds: readonly Round[]): void {
  const spread = (pick: (round: Round) => number): string => describeSpread(rounds.map(pick), 0);
  console.log(
    `${name}: ${spread((r) => r.perSecond)} messages/s; CPU-µs a message ${spread((r) => r.cpuMicros)}, of which daemon ${spread((r) => r.daemonMicros)}; a core's worth is ${spread((r) => 1_000_000 / r.cpuMicros)}/s`,
  );
}

async function measureProduct(): Promise<readonly Round[]> {
  const network = startNetworkProcess();
  const receiver = new Receiver();
  let product: Product | undefined;
  try {
    bindToCore(network.pid, OTHER_CORE);
    const address = await network.call('open', { accounts: SESSIONS });
    product = new Product({ yaml: networkYaml(address) + webhookYaml(await receiver.start()), core: CORE });
    await product.ready();
    await linkSessions(product, network, { from: 0, to: SESSIONS });
    const rounds: Round[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (let index = 0; index < SESSIONS; index += 1) {
        await product.call('POST', `/v1/sessions/${sessionId(index)}/stop`);
        await waitForState(product, index, 'stopped');
      }
      const sent = await network.call('say', { accounts: SESSIONS, perSecond: PER_SECOND, count: COUNT });
      const { pid, connectorPid } = product;
      const before = { at: sharedMicros(), daemon: cpuMicrosOf(pid), connector: cpuMicrosOf(connectorPid) };
      for (let index = 0; index < SESSIONS; index += 1) {
        await product.call('POST', `/v1/sessions/${sessionId(index)}/start`);
      }
      const ids = sent.map(({ id }) => id);
      await receiver.collect(ids, LIMIT_MS);
      const daemon = cpuMicrosOf(pid) - before.daemon;
      const connector = cpuMicrosOf(connectorPid) - before.connector;
      const seconds = (Math.max(...ids.map((id) => receiver.firstBytes.get(id) ?? 0)) - before.at) / 1_000_000;
      // The first round warms up: code is compiled, the first message of each guest is a dearer one.
      if (round > 0) {
        rounds.push({
          perSecond: COUNT / seconds,
          cpuMicros: (daemon + connector) / COUNT,
          daemonMicros: daemon / COUNT,
        });
      }
    }
    return rounds;
  } finally {
    await product?.stop();
    network.end();
    receiver.stop();
  }
}

async function measureBare(): Promise<readonly Round[]> {
  const network = startNetworkProcess();
  const bare = startBareProcess();
  try {
    bindToCore(network.pid, OTHER_CORE);
    bindToCore(bare.pid, CORE);
    const { endpoint } = await network.call('open', { accounts: SESSIONS });
    const accounts = Array.from({ length: SESSIONS }, (_, index) => index);
    const remembered = await linkBareClients(network, { endpoint, accounts });
    await waitUntil(async () => (await network.call('online', undefined)) === 0);
    const rounds: Round[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const sent = await network.call('say', { accounts: SESSIONS, perSecond: PER_SECOND, count: COUNT });
      const ids = sent.map(({ id }) => id);
      const before = { at: sharedMicros(), cpu: cpuMicrosOf(bare.pid) };
      for (const index of accounts) {
        if (round === 0) await bare.call('remember', { index, auth: remembered.get(index) });
        await bare.call('resume', { index, endpoint });
      }
      await waitUntil(async () => (await bare.call('seen', ids)) === COUNT, LIMIT_MS);
      const seconds = (sharedMicros() - before.at) / 1_000_000;
      if (round > 0) {
        const cpuMicros = (cpuMicrosOf(bare.pid) - before.cpu) / COUNT;
        rounds.push({ perSecond: COUNT / seconds, cpuMicros, daemonMicros: 0 });
      }
      for (const index of accounts) await bare.call('drop', index);
      await waitUntil(async () => (await network.call('online', undefined)) === 0);
    }
    return rounds;
  } finally {
    bare.end();
    network.end();
  }
}
