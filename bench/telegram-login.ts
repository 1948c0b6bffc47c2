/**
 * What a first connection costs each of Telegram's engines: the key that is made with the server, in the process that also runs other
 * people's sessions. CPU time, and how long the process could do nothing else. The network runs in another process. It gives its clients
 * a small number to factor; what Telegram's own 63 bits cost on top is measured with each library by itself.
 * Run: npx tsx bench/telegram-login.ts [keys]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { NodeCryptoProvider } from '@mtcute/node/utils.js';
import { Factorizator } from 'telegram/crypto/Factorizator.js';
import { returnBigInt } from 'telegram/Helpers.js';
import type { EngineName } from '../connectors/telegram/mtproto/client.ts';
import { engineNames } from '../connectors/telegram/mtproto/client.ts';
import { systemClock } from '../src/core/clock.ts';
import { silentLogger } from '../src/core/logger.ts';
import { systemRandom } from '../src/core/random.ts';
import { describeMachine, sharedMicros } from './support/machine.ts';
import { cpuMicrosOf } from './support/process-figures.ts';
import { describeSpread } from './support/statistics.ts';
import { loadBuilt } from './support/telegram-built.ts';
import { startTelegram } from './support/telegram-processes.ts';

const KEYS = Number(process.argv[2] ?? 10);
const LARGE_PRIME = 2_000_000_000; // its square has 62 bits, and that of a third more 63
const RESOLUTION_MS = 1;
const NANOS_PER_MS = 1_000_000;
const announcement = {
  deviceModel: 'Bellhop',
  systemVersion: 'Linux',
  appVersion: '1.0.0',
  langCode: 'en',
  systemLangCode: 'en',
};

/** Takes a number of 63 bits, big endian, apart. */
const factorizers: Readonly<Record<EngineName, (pq: bigint) => unknown>> = {
  gramjs: (pq) => Factorizator.factorize(returnBigInt(pq.toString())),
  mtcute: (pq) => provider.factorizePQ(Buffer.from(pq.toString(16).padStart(16, '0'), 'hex')),
};
const provider = new NodeCryptoProvider();
await provider.initialize();

console.log(describeMachine());
const network = startTelegram();
try {
  const { config } = await network.call('open', { accounts: 0 });
  const { apiId = 0, apiHash = '', endpoint, serverKeys } = config;
  if (endpoint === undefined || serverKeys === undefined) throw new Error('the network has no address');
  const { loadEngine } = await loadBuilt();
  const makeKey = async (name: EngineName): Promise<void> => {
    const engine = await loadEngine(name);
    const parts = { clock: systemClock, random: systemRandom, log: silentLogger };
    const client = engine.createClient({ apiId, apiHash, announcement, endpoint, serverKeys, ...parts });
    await client.open();
    await client.close();
  };
  for (const name of engineNames) {
    await makeKey(name); // loads and warms up
    const [cpu, wall, blocked]: [number[], number[], number[]] = [[], [], []];
    for (let key = 0; key < KEYS; key += 1) {
      const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      delay.enable();
      const before = { cpu: cpuMicrosOf(process.pid), at: sharedMicros() };
      await makeKey(name);
      wall.push((sharedMicros() - before.at) / 1_000);
      cpu.push((cpuMicrosOf(process.pid) - before.cpu) / 1_000);
      delay.disable();
      blocked.push(delay.max / NANOS_PER_MS);
    }
    const factored: number[] = [];
    for (let round = 0; round < KEYS; round += 1) {
      const before = cpuMicrosOf(process.pid);
      await factorizers[name](drawPuzzle());
      factored.push((cpuMicrosOf(process.pid) - before) / 1_000);
    }
    console.log(
      `${name}: a key takes ${describeSpread(cpu, 0)} ms of CPU, ${describeSpread(wall, 0)} ms by the clock; longest pause ${describeSpread(blocked, 0)} ms; factoring 63 bits ${describeSpread(factored, 0)} ms of CPU`,
    );
  }
} finally {
  network.end();
}

/** As Telegram's: two primes of 31 and 32 bits, the product below 2^63. */
function drawPuzzle(): bigint {
  return BigInt(nextPrime(LARGE_PRIME, systemRandom.next())) * BigInt(nextPrime(LARGE_PRIME, systemRandom.next()));
}

function nextPrime(above: number, share: number): number {
  let candidate = 2 * Math.floor((above * (1 + share / 3)) / 2) + 1;
  while (!isPrime(candidate)) candidate += 2;
  return candidate;
}

function isPrime(odd: number): boolean {
  for (let divisor = 3; divisor * divisor <= odd; divisor += 2) if (odd % divisor === 0) return false;
  return true;
}
