/**
 * Telegram's messages per second on one core, in and out, for one account and for many. Bellhop's sessions write a journal (in) and the
 * random id (out) into their vaults on the disk, and the daemon is not part of it; the bare libraries keep nothing. One message of an
 * account is under way at a time. The network runs on the other core.
 * Run: npx tsx bench/telegram-rate.ts [accounts] [messages a round] [rounds]
 */
import type { TelegramConfig } from '../connectors/telegram/config.ts';
import { sleep, systemClock } from '../src/core/clock.ts';
import { describeMachine, sharedMicros } from './support/machine.ts';
import { bindToCore, cpuMicrosOf } from './support/process-figures.ts';
import { describeSpread } from './support/statistics.ts';
import type { LibraryName } from './support/telegram-library.ts';
import type { LinkedAccount } from './support/telegram-network-child.ts';
import { startBare, startSessions, startTelegram } from './support/telegram-processes.ts';

const ACCOUNTS = Number(process.argv[2] ?? 20);
const COUNT = Number(process.argv[3] ?? 400);
const ROUNDS = Number(process.argv[4] ?? 5);
const REST_MS = 100; // what follows the last message
const CORE = 0;
const OTHER_CORE = 1;
const LIBRARIES: readonly LibraryName[] = ['gramjs', 'mtcute'];

/** What is measured, behind one face; see the services of the two children. */
interface Subject {
  readonly name: string;
  readonly pid: number;
  reach(total: number): Promise<number>;
  send(each: number): Promise<void>;
  end(): Promise<void>;
}

interface Accounts {
  readonly config: TelegramConfig;
  readonly accounts: readonly LinkedAccount[];
}

interface Figure {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

console.log(describeMachine());
for (const accounts of [1, ACCOUNTS]) {
  for (const library of LIBRARIES) {
    await measure(accounts, (linked) => ownSessions(library, linked));
    await measure(accounts, (linked) => bareClients(library, linked));
  }
}

async function measure(count: number, start: (linked: Accounts) => Promise<Subject>): Promise<void> {
  const network = startTelegram();
  let subject: Subject | undefined;
  try {
    bindToCore(network.pid, OTHER_CORE);
    const linked = await network.call('open', { accounts: count });
    subject = await start(linked);
    const { pid, reach, send, name } = subject;
    bindToCore(pid, CORE);
    const accounts = linked.accounts.map((_, index) => index);
    const each = COUNT / count;
    const [incoming, outgoing]: [Figure[], Figure[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const heard = await timed(pid, async () => {
        const last = reach((round + 1) * COUNT);
        await network.call('say', { accounts, count: COUNT });
        return last;
      });
      const sent = await timed(pid, () => send(each).then(sharedMicros));
      if (round === 0) continue; // it warms up
      incoming.push(heard);
      outgoing.push(sent);
    }
    const shown = await Promise.all(accounts.map((account) => network.call('shown', account)));
    if (shown.some((own) => own !== each * (ROUNDS + 1))) throw new Error('the guests have not seen what was sent');
    console.log(`${count} × ${name}: in ${describe(incoming)}; out ${describe(outgoing)}`);
    const wrong = new Set(await network.call('violations', undefined));
    if (wrong.size > 0) console.log(`  violations: ${[...wrong].join(' ')}`);
  } finally {
    await subject?.end();
    network.end();
  }
}

/** `work` resolves with the shared microseconds of its end. */
async function timed(pid: number, work: () => Promise<number>): Promise<Figure> {
  const before = { at: sharedMicros(), cpu: cpuMicrosOf(pid) };
  const seconds = ((await work()) - before.at) / 1_000_000;
  await sleep(systemClock, REST_MS);
  return { perSecond: COUNT / seconds, cpuMicros: (cpuMicrosOf(pid) - before.cpu) / COUNT };
}

function describe(figures: readonly Figure[]): string {
  const rate = describeSpread(
    figures.map(({ perSecond }) => perSecond),
    0,
  );
  const cpu = describeSpread(
    figures.map(({ cpuMicros }) => cpuMicros),
    0,
  );
  return `${rate}/s, CPU-µs each ${cpu}`;
}

async function ownSessions(library: LibraryName, { config, accounts }: Accounts): Promise<Subject> {
  const child = startSessions();
  await child.call('connect', { config: { ...config, engines: [library] }, accounts });
  return {
    name: `bellhop on ${library}`,
    pid: child.pid,
    reach: (total) => child.call('reach', total),
    send: (each) => child.call('send', each),
    end: async () => {
      const waiting = await child.call('waiting', undefined);
      await child.call('close', undefined);
      child.end();
      if (waiting > 0) throw new Error(`${waiting} messages were not handed over`);
    },
  };
}

async function bareClients(library: LibraryName, { config, accounts }: Accounts): Promise<Subject> {
  const child = startBare();
  await child.call('connect', { library, config, accounts });
  return {
    name: `${library} alone`,
    pid: child.pid,
    reach: (total) => child.call('reach', total),
    send: (each) => child.call('send', each),
    end: async () => child.end(),
  };
}
