import { TelegramNetwork } from '../../connectors/telegram/simulator/network.ts';
import { Bench } from '../../connectors/telegram/test/session-support.ts';
import { link, muteConsole, Town } from '../../connectors/whatsapp/test/session-support.ts';
import type { SessionVault } from '../../src/connector-api/index.ts';
import { sleep, systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import { MemoryVault } from './memory-vault.ts';
import { VersionHouse } from './version-house.ts';

const SESSION = 'front-desk';
/** Between two messages of a busy account; ms of the engine's time. */
const BUSY_GAP_MS = 5_000;
/** Until the engine takes it for busy; ms of its time. */
const LEARNING_MS = 80_000;

/** A network in a box with one linked account, whose line can be made deaf: it answers whatever it is asked, and sends nothing by itself. */
export interface DeafenedNetwork {
  readonly channel: string;
  readonly config: unknown;
  readonly vault: SessionVault;
  say(text: string): void;
  deafen(): void;
  stop(): Promise<void>;
}

export async function deafWhatsApp(): Promise<DeafenedNetwork> {
  muteConsole();
  const town = new Town();
  await town.start();
  const vault = new MemoryVault({ clock: systemClock });
  const session = town.session(vault);
  const phone = town.phone();
  await link(session, phone);
  await session.close();
  const guest = town.guest(phone);
  return {
    channel: 'whatsapp',
    config: town.config,
    vault,
    say: (text) => void guest.say(text),
    deafen: () => town.network.faults.withhold(),
    stop: () => town.stop(),
  };
}

export async function deafTelegram(): Promise<DeafenedNetwork> {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  await network.start();
  const account = network.createAccount();
  const bench = new Bench(network, account, ['mtcute']);
  await bench.link();
  await bench.stop();
  const guest = network.createGuest(account);
  return {
    channel: 'telegram',
    config: bench.config,
    vault: bench.vault,
    say: (text) => void guest.say(text),
    deafen: () => network.faults.filterPushes(() => []),
    stop: () => network.stop(),
  };
}

/** What came of it: all times are of the engine's clock, in ms. */
export interface DeafDay {
  /** From the moment in which the line went deaf until a message that a guest wrote afterwards was stored. */
  readonly heardAgainMs: number;
  /** Sockets that were given up before the line went deaf: there was no reason to. */
  readonly falseRestarts: number;
}

/** Lets an account be busy or quiet for a while, makes its line deaf, and waits until a guest is heard again. */
export async function liveThroughDeafness(
  network: DeafenedNetwork,
  options: { readonly isBusy: boolean; readonly speed: number; readonly calmMs?: number },
): Promise<DeafDay> {
  const { channel, config, vault } = network;
  const vaults = new Map([[SESSION, vault]]);
  const house = await VersionHouse.open({ channel, config, vaults, speed: options.speed });
  const { clock, telemetry } = house;
  const stored = (): number => telemetry.count('inbound:text:stored');
  const pass = (ms: number): Promise<void> => sleep(systemClock, ms / options.speed);
  try {
    await house.until(SESSION, ({ state }) => state === 'connected');
    const calmUntil = clock.now() + (options.calmMs ?? LEARNING_MS);
    while (clock.now() < calmUntil) {
      if (options.isBusy) network.say('Good morning');
      await pass(BUSY_GAP_MS);
    }
    const falseRestarts = telemetry.count('disconnected:network');
    const before = stored();
    const deafAt = clock.now();
    network.deafen();
    network.say('Is anybody there?');
    await new Promise<void>((resolve) => {
      const stop = house.store.onCommit(() => {
        if (stored() <= before) return;
        stop();
        resolve();
      });
    });
    return { heardAgainMs: clock.now() - deafAt, falseRestarts };
  } finally {
    await house.stop();
  }
}
