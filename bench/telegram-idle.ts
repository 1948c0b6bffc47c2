/**
 * Memory and CPU of linked, idle Telegram sessions that share one connector process: what each adds beyond the first. In the same run, on
 * the same network, as many clients of each bare library in a process, with everything that they remember in memory. Garbage is collected
 * by force before memory is read.
 * Run: npx tsx bench/telegram-idle.ts [sessions] [seconds of rest]
 */
import type { TelegramConfig } from '../connectors/telegram/config.ts';
import { sleep, systemClock } from '../src/core/clock.ts';
import { describeMachine } from './support/machine.ts';
import { cpuMicrosOf } from './support/process-figures.ts';
import type { LibraryName } from './support/telegram-library.ts';
import type { LinkedAccount } from './support/telegram-network-child.ts';
import { startBare, startTelegram } from './support/telegram-processes.ts';
import { TelegramProduct } from './support/telegram-product.ts';

const SESSIONS = Number(process.argv[2] ?? 100);
const REST_SECONDS = Number(process.argv[3] ?? 30);
const SETTLE_MS = 2_000; // what follows a connection
const LOOKS = 4;
const LOOK_EVERY_MS = 400;
const LIBRARIES: readonly LibraryName[] = ['gramjs', 'mtcute'];
const MB = 1_000_000;
const KB = 1_000;

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

/** What is measured, behind one face. */
interface Subject {
  readonly name: string;
  /** Of the process that holds the sessions; only when there is one. */
  readonly pid: () => number;
  connect(range: { from: number; to: number }): Promise<void>;
  memory(): Promise<Memory>;
  end(): Promise<void>;
}

console.log(describeMachine());
const network = startTelegram();
const subjects: Subject[] = [];
try {
  const { config, accounts } = await network.call('open', { accounts: SESSIONS * LIBRARIES.length * 2 });
  for (const library of LIBRARIES) {
    for (const start of [ownSessions, bareClients]) {
      const own = accounts.slice(subjects.length * SESSIONS, (subjects.length + 1) * SESSIONS);
      subjects.push(await start(library, config, own));
    }
  }
  const before = new Map<Subject, Memory>();
  for (const subject of subjects) {
    await subject.connect({ from: 0, to: 1 });
    await sleep(systemClock, SETTLE_MS);
    before.set(subject, await leastMemory(subject));
  }
  await Promise.all(subjects.map((subject) => subject.connect({ from: 1, to: SESSIONS })));
  await sleep(systemClock, SETTLE_MS);
  for (const subject of subjects) await leastMemory(subject); // what starting has left behind is no part of the rest
  const cpu = subjects.map(({ pid }) => cpuMicrosOf(pid()));
  await sleep(systemClock, REST_SECONDS * 1_000);
  const used = subjects.map(({ pid }, index) => cpuMicrosOf(pid()) - (cpu[index] ?? 0));
  for (const [index, subject] of subjects.entries()) {
    report(subject.name, before.get(subject), await leastMemory(subject), used[index] ?? 0);
  }
  const wrong = new Set(await network.call('violations', undefined));
  if (wrong.size > 0) console.log(`violations: ${[...wrong].join(' ')}`);
} finally {
  for (const subject of subjects) await subject.end();
  network.end();
}

/** Pages go back to the system some time after their garbage. */
async function leastMemory(subject: Subject): Promise<Memory> {
  let least = await subject.memory();
  for (let look = 0; look < LOOKS; look += 1) {
    await sleep(systemClock, LOOK_EVERY_MS);
    const memory = await subject.memory();
    if (memory.rss < least.rss) least = memory;
  }
  return least;
}

function report(name: string, one: Memory | undefined, many: Memory, cpuMicros: number): void {
  const first = one ?? many;
  const each = (pick: (memory: Memory) => number): string =>
    `${((pick(many) - pick(first)) / (SESSIONS - 1) / KB).toFixed(0)} kB`;
  const both = (pick: (memory: Memory) => number): string =>
    `${(pick(first) / MB).toFixed(0)} → ${(pick(many) / MB).toFixed(0)} MB`;
  const share = (cpuMicros / (REST_SECONDS * 1_000_000)) * 100;
  console.log(
    `${name}: each beyond the first RSS ${each((m) => m.rss)} (${both((m) => m.rss)}), live heap ${each((m) => m.heapUsed)} (${both((m) => m.heapUsed)}); at rest ${share.toFixed(1)} % of a core`,
  );
}

async function ownSessions(
  library: LibraryName,
  config: TelegramConfig,
  accounts: readonly LinkedAccount[],
): Promise<Subject> {
  const started = await TelegramProduct.start({ config, engine: library, accounts });
  return {
    name: `bellhop on ${library}`,
    pid: () => started.product.connectorPid,
    connect: (range) => started.connect(range),
    memory: () => started.memory(),
    end: () => started.stop(),
  };
}

async function bareClients(
  library: LibraryName,
  config: TelegramConfig,
  accounts: readonly LinkedAccount[],
): Promise<Subject> {
  const child = startBare();
  return {
    name: `${library} alone`,
    pid: () => child.pid,
    connect: ({ from, to }) => child.call('connect', { library, config, accounts: accounts.slice(from, to) }),
    memory: () => child.call('memory', undefined),
    end: async () => child.end(),
  };
}
