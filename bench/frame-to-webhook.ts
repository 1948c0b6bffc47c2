/**
 * From a guest's frame on the wire to the first byte of its webhook: 50 messages a second, open loop, over 10 sessions. The
 * network is simulated in a process of its own; Baileys, the vault, the store and the signed webhook are real.
 * Run: npx tsx bench/frame-to-webhook.ts [sessions] [rounds] [seconds]
 * Goal: p50 under 25 ms, p99 under 100 ms. Beside it, in the same run: bare HTTP posts at the same rate over loopback.
 */
import { request } from 'undici';
import { sleep, systemClock } from '../src/core/clock.ts';
import { linkSessions, networkYaml } from './support/linked-product.ts';
import { describeMachine, sharedMicros } from './support/machine.ts';
import { startNetworkProcess } from './support/network-process.ts';
import { cpuMicrosOf } from './support/process-figures.ts';
import { Product } from './support/product.ts';
import { Receiver, webhookYaml } from './support/receiver.ts';
import { describeSpread, quantile } from './support/statistics.ts';

const SESSIONS = Number(process.argv[2] ?? 10);
const ROUNDS = Number(process.argv[3] ?? 5);
const SECONDS = Number(process.argv[4] ?? 6);
const PER_SECOND = 50;
const LATEST_MS = 60_000;

interface Round {
  readonly p50: number;
  readonly p99: number;
  readonly daemonCpu: number;
  readonly connectorCpu: number;
}

const network = startNetworkProcess();
const receiver = new Receiver();
let product: Product | undefined;
try {
  console.log(describeMachine());
  const address = await network.call('open', { accounts: SESSIONS });
  const url = await receiver.start();
  product = new Product({ yaml: networkYaml(address) + webhookYaml(url) });
  await product.ready();
  await linkSessions(product, network, { from: 0, to: SESSIONS });
  await warmUp(product);
  const floors: number[][] = [];
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    floors.push(await measureFloor(url));
    rounds.push(await measure(product));
  }
  const floor = (q: number): string => describeSpread(floors.map((samples) => quantile(samples, q)));
  console.log(`bare posts, ${PER_SECOND}/s: p50 ${floor(0.5)} ms, p99 ${floor(0.99)} ms`);
  console.log(
    `frame to webhook, ${PER_SECOND}/s over ${SESSIONS} sessions: p50 ${spread((r) => r.p50)} ms, p99 ${spread((r) => r.p99)} ms`,
  );
  console.log(
    `CPU-µs a message: connector ${spread((r) => r.connectorCpu, 0)}, daemon ${spread((r) => r.daemonCpu, 0)}`,
  );
  const violations = await network.call('violations', undefined);
  if (violations.length > 0) console.log(`${violations.length} protocol violations, first: ${violations[0]}`);

  function spread(pick: (round: Round) => number, digits = 1): string {
    return describeSpread(rounds.map(pick), digits);
  }
} finally {
  await product?.stop();
  network.end();
  receiver.stop();
}

/** Every guest writes and is answered once, so that both sides have left the first, dearer form of a Signal message. */
async function warmUp(daemon: Product): Promise<void> {
  const sent = await network.call('say', { accounts: SESSIONS, perSecond: PER_SECOND, count: SESSIONS });
  await receiver.collect(ids(sent), LATEST_MS);
  const { data } = await daemon.call<{ data: readonly { id: string }[] }>('GET', '/v1/conversations?limit=200');
  for (const { id } of data) await daemon.call('POST', '/v1/messages', { conversationId: id, body: 'Of course.' });
  await sleep(systemClock, 2_000);
  const more = await network.call('say', { accounts: SESSIONS, perSecond: PER_SECOND, count: PER_SECOND * 2 });
  await receiver.collect(ids(more), LATEST_MS);
}

async function measure(daemon: Product): Promise<Round> {
  const { pid, connectorPid } = daemon;
  const count = PER_SECOND * SECONDS;
  const before = { daemon: cpuMicrosOf(pid), connector: cpuMicrosOf(connectorPid) };
  const sent = await network.call('say', { accounts: SESSIONS, perSecond: PER_SECOND, count });
  await receiver.collect(ids(sent), LATEST_MS);
  const after = { daemon: cpuMicrosOf(pid), connector: cpuMicrosOf(connectorPid) };
  const times = await network.call('times', { ids: ids(sent) });
  const latencies = times.map(({ id, writtenAt }) => ((receiver.firstBytes.get(id) ?? 0) - writtenAt) / 1_000);
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    daemonCpu: (after.daemon - before.daemon) / count,
    connectorCpu: (after.connector - before.connector) / count,
  };
}

/** What one post over loopback takes now, with nothing behind it: no figure above can be better. */
async function measureFloor(url: string): Promise<number[]> {
  const samples: number[] = [];
  const begun = systemClock.monotonic();
  for (let index = 0; index < PER_SECOND * 2; index += 1) {
    const waitMs = begun + (index * 1_000) / PER_SECOND - systemClock.monotonic();
    if (waitMs > 0) await sleep(systemClock, waitMs);
    const sentAt = sharedMicros();
    const answer = await request(url, { method: 'POST' });
    samples.push((sharedMicros() - sentAt) / 1_000);
    await answer.body.dump();
  }
  return samples;
}

function ids(sent: readonly { readonly id: string }[]): readonly string[] {
  return sent.map(({ id }) => id);
}
