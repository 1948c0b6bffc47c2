/**
 * Durable accepts a second: what POST /v1/messages costs in the store, with the machine's fdatasync rate measured in the same run.
 * Run: npx tsx bench/store-accept.ts [seconds]
 * Limit: one fdatasync a message would allow no more than the rate printed; shared commits must be above it.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/core/clock.ts';
import { IdFactory } from '../src/core/ids.ts';
import { silentLogger } from '../src/core/logger.ts';
import { systemRandom } from '../src/core/random.ts';
import type { NewOutbound, Store } from '../src/engine/ports/index.ts';
import { openStore } from '../src/store/open-store.ts';

const GUESTS = 2000;
const ROUNDS = 5;
const seconds = Number(process.argv[2] ?? 2);
const folder = mkdtempSync(join(tmpdir(), 'bellhop-bench-'));

function outbound(index: number, key: number): NewOutbound {
  return {
    property: 'main',
    sessionId: 'front-desk',
    channel: 'whatsapp',
    networkId: `3EB0${key.toString(16).padStart(16, '0').toUpperCase()}`,
    to: { kind: 'direct', address: `+4915${String(10_000_000 + index)}` },
    body: 'Your room is ready. The key waits at the front desk; breakfast is from seven to ten.',
    entities: [],
    buttons: [],
    attachments: [],
    location: null,
    contacts: null,
    poll: null,
    replyTo: null,
    urgency: 'normal',
    purpose: 'service',
    basis: { reservation: 'R-1', consent: 'booking' },
    sendAt: null,
    expiresAt: null,
    metadata: null,
    requestedBy: 'key_00000000000000000000000000',
    estimatedSendAt: null,
  };
}

function fdatasyncRate(): number {
  const file = openSync(join(folder, 'sync'), 'w');
  const bytes = Buffer.alloc(200, 'x');
  const end = systemClock.monotonic() + 1000;
  let count = 0;
  while (systemClock.monotonic() < end) {
    writeSync(file, bytes);
    fdatasyncSync(file);
    count += 1;
  }
  closeSync(file);
  return count;
}

let key = 0;

async function run(store: Store, lanes: number): Promise<{ perSecond: number; cpuMicros: number; p99: number }> {
  const started = systemClock.monotonic();
  const cpu = process.cpuUsage();
  const end = started + seconds * 1000;
  const latencies: number[] = [];
  const lane = async (): Promise<void> => {
    while (systemClock.monotonic() < end) {
      key += 1;
      const at = systemClock.monotonic();
      const claim = { scope: 'key_1', key: `k${key}`, fingerprint: 'f' };
      await store.acceptMessages([outbound(key % GUESTS, key)], {
        claim,
        answer: ([message]) => ({ status: 202, body: JSON.stringify(message) }),
      });
      latencies.push(systemClock.monotonic() - at);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / ((systemClock.monotonic() - started) / 1000),
    cpuMicros: (used.user + used.system) / latencies.length,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

async function measure(name: string, url: string, lanes: number): Promise<void> {
  const ids = new IdFactory({ clock: systemClock, random: systemRandom });
  const store = await openStore({ url, clock: systemClock, ids, log: silentLogger, secretKey: new Uint8Array(32) });
  await store.createSession({ id: 'front-desk', property: 'main', channel: 'whatsapp', settings: {} });
  for (let index = 0; index < GUESTS; index += 50) {
    const batch = Array.from({ length: 50 }, (_, offset) => outbound(index + offset, (key += 1)));
    await store.acceptMessages(batch);
  }
  const results: Awaited<ReturnType<typeof run>>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) results.push(await run(store, lanes));
  await store.close();
  const median = (pick: (result: Awaited<ReturnType<typeof run>>) => number): string =>
    (results.map(pick).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0).toFixed(1);
  console.log(
    `${name}: ${median((r) => r.perSecond)} accepts/s, ${median((r) => r.cpuMicros)} CPU-µs each, p99 ${median((r) => r.p99)} ms`,
  );
}

try {
  console.log(
    `load ${loadavg()[0]?.toFixed(2)}; fdatasync ${fdatasyncRate()}/s; medians of ${ROUNDS} rounds of ${seconds} s`,
  );
  await measure('in memory, 50 lanes (CPU only)', 'sqlite::memory:', 50);
  await measure('file, 50 lanes', `sqlite:${join(folder, 'fifty.db')}`, 50);
  await measure('file, 8 lanes', `sqlite:${join(folder, 'eight.db')}`, 8);
  await measure('file, 1 lane', `sqlite:${join(folder, 'one.db')}`, 1);
  console.log(`fdatasync after: ${fdatasyncRate()}/s`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
