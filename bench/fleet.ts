/**
 * A house with a thousand accounts: memory at rest, the start of the daemon, and all lines cut at once, with the network well and
 * with its door shut for a while. Meanwhile a hotel's system reads sessions and sends messages, 20 of each a second (open loop).
 * In the same run fewer clients of bare Baileys, which all connect again at once: only their CPU can be compared.
 * Run: npx tsx bench/fleet.ts [sessions] [rounds] [bare clients]
 * Goal: HTTP ready within 3 s; 10 sessions back a second and core, no second storm, p99 of the API below 500 ms meanwhile.
 */
import { sleep, systemClock } from '../src/core/clock.ts';
import { ApiLoad, type LoadFigures } from './support/api-load.ts';
import { linkBareClients, startBareProcess, waitUntil } from './support/bare-clients.ts';
import { linkSessions, networkYaml } from './support/linked-product.ts';
import { describeMachine, sharedMicros } from './support/machine.ts';
import type { NetworkServices } from './support/network-child.ts';
import { startNetworkProcess } from './support/network-process.ts';
import { childrenOf, cpuMicrosOf, rssBytesOf } from './support/process-figures.ts';
import { Product } from './support/product.ts';
import type { RemoteProcess } from './support/remote.ts';
import { quantile } from './support/statistics.ts';

const SESSIONS = Number(process.argv[2] ?? 1_000);
const ROUNDS = Number(process.argv[3] ?? 2);
const BARE_CLIENTS = Number(process.argv[4] ?? Math.min(100, SESSIONS));
const REQUESTS_PER_SECOND = 20;
const SHUT_MS = 60_000;
const QUIET_MS = 5_000;
/** Whoever would come a second time does so within the first waits of the policy. */
const SECOND_STORM_MS = 20_000;
const LINKED_IN_A_PORTION = 100;
const MB = 1_000_000;
const MICROS = 1_000_000;

type Network = RemoteProcess<NetworkServices>;

console.log(describeMachine());
const network = startNetworkProcess();
let product: Product | undefined;
try {
  const address = await network.call('open', { accounts: SESSIONS });
  const yaml = networkYaml(address);
  product = new Product({ yaml });
  await product.ready();
  const linkedAt = systemClock.monotonic();
  for (let from = 0; from < SESSIONS; from += LINKED_IN_A_PORTION)
    await linkSessions(product, network, { from, to: Math.min(SESSIONS, from + LINKED_IN_A_PORTION) });
  console.log(`${SESSIONS} linked within ${((systemClock.monotonic() - linkedAt) / 1_000).toFixed(0)} s`);
  await sleep(systemClock, QUIET_MS);
  const folder = await product.stop({ keepFiles: true });

  product = new Product({ yaml, folder });
  await product.ready();
  await fetch(`${product.url}/healthz`);
  const readyMs = (sharedMicros() - product.spawnedAt) / 1_000;
  await measureReturn('start', network, product, async () => undefined);
  console.log(`start: HTTP ready after ${readyMs.toFixed(0)} ms with ${SESSIONS} stored sessions`);
  await reportRest(product);
  for (let round = 0; round < ROUNDS; round += 1)
    await measureReturn('cut', network, product, () => network.call('cut', undefined));
  await measureReturn(`cut, ${SHUT_MS / 1_000} s shut`, network, product, async () => {
    await network.call('door', 'shut');
    await network.call('cut', undefined);
    await sleep(systemClock, SHUT_MS);
    await network.call('door', 'open');
  });
  const wrong = await network.call('violations', undefined);
  if (wrong.length > 0) console.log(`violations: ${wrong.length}, e.g. ${wrong[0]}`);
} finally {
  await product?.stop();
  network.end();
}
await measureBare();

/** Time counts from the moment when `harm` is done and the network lets everybody in. */
async function measureReturn(name: string, net: Network, subject: Product, harm: () => Promise<void>): Promise<void> {
  const pids = (): readonly number[] => [subject.pid, ...childrenOf(subject.pid)];
  const cpuMicros = (): number => pids().reduce((sum, pid) => sum + cpuMicrosOf(pid), 0);
  const before = (await net.call('openings', undefined)).length;
  const load = new ApiLoad({ product: subject, sessions: SESSIONS, perSecond: REQUESTS_PER_SECOND });
  load.start();
  const cpu = cpuMicros();
  await harm();
  const openAt = sharedMicros();
  await waitUntil(async () => (await net.call('online', undefined)) === SESSIONS);
  const seconds = (sharedMicros() - openAt) / MICROS;
  const cpuMs = (cpuMicros() - cpu) / 1_000 / SESSIONS;
  const api = await load.stop();
  await sleep(systemClock, SECOND_STORM_MS);
  const opened = (await net.call('openings', undefined)).slice(before);
  const late = opened.filter((at) => at > openAt + seconds * MICROS + QUIET_MS * 1_000).length;
  console.log(
    `${name}: the last of ${SESSIONS} after ${seconds.toFixed(1)} s, ${opened.length} connections opened, at most ${mostInASecond(opened)} in a second, ${late} after everybody was back; CPU ${cpuMs.toFixed(1)} ms each (the API's share in it), a core's worth is ${(1_000 / cpuMs).toFixed(0)} a second; ${describeLoad(api)}`,
  );
}

function mostInASecond(times: readonly number[]): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + MICROS).length));
}

function describeLoad({ gets, posts, failed }: LoadFigures): string {
  const p = (samples: readonly number[]): string =>
    `p50 ${quantile(samples, 0.5).toFixed(0)}, p99 ${quantile(samples, 0.99).toFixed(0)}, longest ${Math.max(0, ...samples).toFixed(0)} ms`;
  return `API: GET ${p(gets)}; POST ${p(posts)}; ${failed} of ${gets.length + posts.length + failed} failed`;
}

async function reportRest(subject: Product): Promise<void> {
  await sleep(systemClock, SECOND_STORM_MS);
  const children = childrenOf(subject.pid);
  const daemonMb = rssBytesOf(subject.pid) / MB;
  const childrenMb = children.reduce((sum, pid) => sum + rssBytesOf(pid), 0) / MB;
  const total = daemonMb + childrenMb;
  console.log(
    `rest: ${total.toFixed(0)} MB for everything, ${(total / SESSIONS).toFixed(2)} MB a session (daemon ${daemonMb.toFixed(0)} MB, ${children.length} connector processes ${childrenMb.toFixed(0)} MB)`,
  );
}

async function measureBare(): Promise<void> {
  const bareNetwork = startNetworkProcess();
  const bare = startBareProcess();
  try {
    const { endpoint } = await bareNetwork.call('open', { accounts: BARE_CLIENTS });
    const accounts = Array.from({ length: BARE_CLIENTS }, (_, index) => index);
    for (const [index, auth] of await linkBareClients(bareNetwork, { endpoint, accounts })) {
      await bare.call('remember', { index, auth });
      await bare.call('resume', { index, endpoint });
    }
    await waitUntil(async () => (await bareNetwork.call('online', undefined)) === BARE_CLIENTS);
    await sleep(systemClock, QUIET_MS);
    const cpu = cpuMicrosOf(bare.pid);
    const cutAt = sharedMicros();
    await bareNetwork.call('cut', undefined);
    await sleep(systemClock, 1_000); // until the network has noticed
    await waitUntil(async () => (await bareNetwork.call('online', undefined)) === BARE_CLIENTS);
    const seconds = (sharedMicros() - cutAt) / MICROS;
    await sleep(systemClock, QUIET_MS);
    const cpuMs = (cpuMicrosOf(bare.pid) - cpu) / 1_000 / BARE_CLIENTS;
    console.log(
      `baileys alone, cut: the last of ${BARE_CLIENTS} after ${seconds.toFixed(1)} s; CPU ${cpuMs.toFixed(1)} ms each, a core's worth is ${(1_000 / cpuMs).toFixed(0)} a second`,
    );
  } finally {
    bare.end();
    bareNetwork.end();
  }
}
