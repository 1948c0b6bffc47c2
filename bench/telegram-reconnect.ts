/**
 * Many Telegram sessions whose sockets are cut at once, and sessions that find the network's door shut for a while: how long until the last
 * is connected again, how many connections were opened for it, and what it costs. The daemon's own policy decides when to try. In the
 * same run, on the same network, as many clients of each bare library, which try at once by themselves.
 * Run: npx tsx bench/telegram-reconnect.ts [sessions] [rounds] [gramjs or mtcute, else both]
 */
import type { TelegramConfig } from '../connectors/telegram/config.ts';
import { sleep, systemClock } from '../src/core/clock.ts';
import { waitUntil } from './support/bare-clients.ts';
import { describeMachine } from './support/machine.ts';
import { cpuMicrosOf } from './support/process-figures.ts';
import type { RemoteProcess } from './support/remote.ts';
import { describeSpread } from './support/statistics.ts';
import type { LibraryName } from './support/telegram-library.ts';
import type { LinkedAccount, TelegramNetworkServices } from './support/telegram-network-child.ts';
import { startBare, startTelegram } from './support/telegram-processes.ts';
import { TelegramProduct } from './support/telegram-product.ts';

const SESSIONS = Number(process.argv[2] ?? 100);
const ROUNDS = Number(process.argv[3] ?? 2);
const SHUT_MS = 5_000;
const QUIET_MS = 2_000;
const LIMIT_MS = 90_000;
const ONLY = process.argv[4];
const LIBRARIES = (['gramjs', 'mtcute'] as const).filter((library) => ONLY === undefined || ONLY === library);

/** What is measured, behind one face. */
interface Subject {
  readonly name: string;
  cpuMicros(): number;
  /** When the last of them was connected, epoch ms; undefined while one is not. */
  backAt(): Promise<number | undefined>;
  end(): Promise<void>;
}

interface Figure {
  readonly seconds: number;
  readonly sockets: number;
  readonly cpuMs: number;
}

type Network = RemoteProcess<TelegramNetworkServices>;

console.log(describeMachine());
for (const library of LIBRARIES) {
  await measure((config, accounts) => ownSessions(library, config, accounts));
  await measure((config, accounts) => bareClients(library, config, accounts));
}

async function measure(
  start: (config: TelegramConfig, accounts: readonly LinkedAccount[]) => Promise<Subject>,
): Promise<void> {
  const network = startTelegram();
  let subject: Subject | undefined;
  try {
    const { config, accounts } = await network.call('open', { accounts: SESSIONS });
    subject = await start(config, accounts);
    const cuts: Figure[] = [];
    for (let round = 0; round < ROUNDS; round += 1) cuts.push(await outage(network, subject, 0));
    console.log(`${subject.name}, cut: ${describe(cuts)}`);
    console.log(
      `${subject.name}, cut and ${SHUT_MS / 1_000} s shut: ${describe([await outage(network, subject, SHUT_MS)])}`,
    );
    const wrong = new Set(await network.call('violations', undefined));
    if (wrong.size > 0) console.log(`  violations: ${[...wrong].join(' ')}`);
  } finally {
    await subject?.end();
    network.end();
  }
}

/** Time counts from the moment when the door is open. */
async function outage(network: Network, subject: Subject, shutMs: number): Promise<Figure> {
  await sleep(systemClock, QUIET_MS);
  const before = { cpu: subject.cpuMicros(), sockets: await network.call('sockets', undefined) };
  if (shutMs > 0) await network.call('doors', 'refuse');
  await network.call('cut', undefined);
  if (shutMs > 0) await sleep(systemClock, shutMs);
  await network.call('doors', 'open');
  const openAt = systemClock.now();
  let backAt: number | undefined;
  // The network is asked first, so that asking costs those under test nothing.
  await waitUntil(async () => {
    if ((await network.call('lines', undefined)) < SESSIONS) return false;
    backAt = await subject.backAt();
    return backAt !== undefined && backAt > openAt;
  }, LIMIT_MS);
  await sleep(systemClock, QUIET_MS);
  return {
    seconds: ((backAt ?? 0) - openAt) / 1_000,
    sockets: (await network.call('sockets', undefined)) - before.sockets,
    cpuMs: (subject.cpuMicros() - before.cpu) / 1_000 / SESSIONS,
  };
}

function describe(figures: readonly Figure[]): string {
  const spread = (pick: (figure: Figure) => number, digits: number): string =>
    describeSpread(figures.map(pick), digits);
  return `the last of ${SESSIONS} after ${spread((f) => f.seconds, 1)} s, ${spread((f) => f.sockets, 0)} connections opened, CPU-ms each ${spread((f) => f.cpuMs, 1)}`;
}

async function ownSessions(
  library: LibraryName,
  config: TelegramConfig,
  accounts: readonly LinkedAccount[],
): Promise<Subject> {
  const started = await TelegramProduct.start({ config, engine: library, accounts });
  await started.connect({ from: 0, to: SESSIONS });
  const { pid, connectorPid } = started.product;
  return {
    name: `bellhop on ${library}`,
    cpuMicros: () => cpuMicrosOf(pid) + cpuMicrosOf(connectorPid),
    backAt: async () => {
      const connected = await started.connected();
      return connected.length < SESSIONS ? undefined : Math.max(...connected.map(({ since }) => Date.parse(since)));
    },
    end: () => started.stop(),
  };
}

async function bareClients(
  library: LibraryName,
  config: TelegramConfig,
  accounts: readonly LinkedAccount[],
): Promise<Subject> {
  const child = startBare();
  await child.call('connect', { library, config, accounts });
  return {
    name: `${library} alone`,
    cpuMicros: () => cpuMicrosOf(child.pid),
    backAt: async () => systemClock.now(), // its socket is open; when it is of use again, the library does not tell
    end: async () => child.end(),
  };
}
