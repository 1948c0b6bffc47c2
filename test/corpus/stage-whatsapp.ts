import type { BinaryNode } from '@whiskeysockets/baileys';
import { muteLibsignal } from '../../connectors/whatsapp/baileys-console.ts';
import type { WhatsAppConfig } from '../../connectors/whatsapp/config.ts';
import { WhatsAppSession } from '../../connectors/whatsapp/session.ts';
import { Connection } from '../../connectors/whatsapp/simulator/connection.ts';
import type { Faults } from '../../connectors/whatsapp/simulator/faults.ts';
import type { ClientVersion } from '../../connectors/whatsapp/simulator/login-rules.ts';
import { WhatsAppNetwork } from '../../connectors/whatsapp/simulator/network.ts';
import { Guest } from '../../connectors/whatsapp/simulator/people/guest.ts';
import { MediaServer } from '../../connectors/whatsapp/simulator/people/media-server.ts';
import { Phone } from '../../connectors/whatsapp/simulator/people/phone.ts';
import { node } from '../../connectors/whatsapp/simulator/wire/stanza.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import { MemoryVault } from '../support/memory-vault.ts';
import { Door } from './door.ts';
import { CorpusHouse, inlineHost, noMedia } from './house.ts';
import { SkipClock } from './skip-clock.ts';
import type { Stage, Theatre } from './stage.ts';

/** A rival comes back so soon; ms. */
const RIVAL_MS = 150;
/** Newest first. */
const VERSIONS = [3, 2, 1].map((number): [number, number, number] => [2, 3000, 1_000_000_000 + number]);

interface Linked {
  readonly phone: Phone;
  readonly guest: Guest;
  readonly vault: MemoryVault;
}

/** WhatsApp in a box. */
export class WhatsAppTheatre implements Theatre<WhatsAppStage> {
  readonly clock = new SkipClock();
  readonly network = new WhatsAppNetwork({ clock: this.clock, random: systemRandom });
  readonly #media = new MediaServer({ clock: systemClock });
  readonly #open = new Set<Connection>();
  #door: Door | undefined;
  #linked: Linked | undefined;
  #serial = 1000;
  #unpatch: () => void = () => undefined;

  async start(): Promise<void> {
    muteLibsignal();
    this.#unpatch = watchConnections(this.#open);
    await this.network.start();
    await this.#media.start();
    this.network.setMediaHost({ hostname: this.#media.hostname, auth: this.#media.auth });
    this.#door = new Door({ target: this.network.port });
    await this.#door.start();
  }

  async stage(): Promise<WhatsAppStage> {
    const door = this.#door;
    if (door === undefined) throw new Error('not started');
    this.#linked ??= await this.#link(door);
    const strangerHost = this.#media.hostname;
    return new WhatsAppStage({
      ...this.#linked,
      network: this.network,
      clock: this.clock,
      door,
      open: this.#open,
      strangerHost,
    });
  }

  spoil(): void {
    this.#linked = undefined;
  }

  async stop(): Promise<void> {
    this.#unpatch();
    await this.#door?.stop();
    await this.network.stop();
    await this.#media.stop();
  }

  async #link(door: Door): Promise<Linked> {
    const phone = new Phone(this.#person('Hotel Seeblick', '4930'));
    phone.start();
    const guest = new Guest({ ...this.#person('Guest', '49151'), hotel: phone.pn });
    guest.start();
    const vault = new MemoryVault({ clock: systemClock });
    const life = new AbortController();
    const session = new WhatsAppSession({
      sessionId: 'front-desk',
      config: configOf(this.network, door),
      vault,
      media: noMedia,
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      signal: life.signal,
      emit: async () => undefined,
    });
    const login = session.beginLogin({ method: 'qr' });
    const step = await login.next();
    if (step.type !== 'display') throw new Error('expected a QR code');
    await phone.scan(step.data);
    await login.next();
    await session.connect(); // the long part of a new link is over then
    await session.disconnect();
    life.abort();
    return { phone, guest, vault };
  }

  #person(name: string, prefix: string) {
    this.#serial += 1;
    const number = `${prefix}100${String(this.#serial)}`;
    return {
      network: this.network,
      shelf: this.#media.shelf,
      name,
      pn: `${number}@s.whatsapp.net`,
      lid: `10000000${String(this.#serial)}@lid`,
    };
  }
}

interface StageDeps extends Linked {
  readonly network: WhatsAppNetwork;
  readonly clock: SkipClock;
  readonly door: Door;
  readonly open: ReadonlySet<Connection>;
  readonly strangerHost: string;
}

export class WhatsAppStage implements Stage {
  readonly clock: SkipClock;
  readonly door: Door;
  readonly phone: Phone;
  readonly device: string;
  readonly vault: MemoryVault;
  readonly faults: Faults;
  /** A TLS server whose certificate nobody vouches for. */
  readonly strangerHost: string;
  readonly versions: readonly [ClientVersion, ClientVersion, ClientVersion];
  config: WhatsAppConfig;
  refuseToStore = false;
  readonly #network: WhatsAppNetwork;
  readonly #open: ReadonlySet<Connection>;
  readonly #guest: Guest;
  #isRivalled = false;

  constructor({ phone, guest, vault, network, clock, door, open, strangerHost }: StageDeps) {
    const [newest = VERSIONS[0], second = newest, third = second] = VERSIONS;
    if (newest === undefined || second === undefined || third === undefined) throw new Error('no versions');
    this.versions = [newest, second, third];
    this.phone = phone;
    this.vault = vault;
    this.clock = clock;
    this.door = door;
    this.strangerHost = strangerHost;
    this.#network = network;
    this.#open = open;
    this.#guest = guest;
    this.faults = network.faults;
    this.device = phone.companions()[0] ?? '';
    this.config = configOf(network, door);
  }

  open(): Promise<CorpusHouse> {
    return CorpusHouse.open({
      channel: 'whatsapp',
      config: this.config,
      account: { address: `+${this.phone.pn.replace(/@.*/, '')}` },
      clock: this.clock,
      host: inlineHost({ vault: this.vault, clock: this.clock }),
      refusesToStore: () => this.refuseToStore,
    });
  }

  knocks(): number {
    return this.door.knocks;
  }

  async mend(): Promise<void> {
    this.#isRivalled = false;
    this.refuseToStore = false;
    this.vault.beforeCommit = undefined;
    this.faults.clear();
    await this.door.become({ do: 'open' });
  }

  /** A stream error with a code, or with a child as `ack` and `conflict-unknown`, or with nothing in it. */
  endStream(what: string): void {
    const attrs = /^\d+$/.test(what) ? { code: what } : {};
    for (const line of this.#lines()) line.end(node('stream:error', attrs, childrenOf(what)));
  }

  /** Something that the server says of its own accord. */
  say(tag: string, child: string): void {
    for (const line of this.#lines()) line.send(node(tag, {}, [node(child)]));
  }

  /** Another program with the same credentials, which comes back each time. */
  replaceAlways(): void {
    this.#isRivalled = true;
    const strike = (): void => {
      if (this.#isRivalled) this.faults.replace(this.device);
    };
    const again = (): void => {
      void this.#network.traffic.next({ kind: 'online', account: this.device }).then(() => {
        if (!this.#isRivalled) return;
        systemClock.after(RIVAL_MS, strike);
        again();
      });
    };
    again();
    strike();
  }

  readonly guestSays = async (): Promise<void> => {
    await this.#guest.say('Is my room ready?');
  };

  #lines(): readonly Connection[] {
    return [...this.#open].filter(({ label, isOpen }) => isOpen && label === this.device);
  }
}

const configOf = (network: WhatsAppNetwork, door: Door): WhatsAppConfig => ({
  endpoint: `ws://127.0.0.1:${String(door.port)}/ws/chat`,
  trustedRoots: [network.rootKey],
  versions: [VERSIONS[0] ?? [0, 0, 0], ...VERSIONS.slice(1)],
});

function childrenOf(what: string): BinaryNode[] {
  if (/^\d+$/.test(what) || what === 'none') return [];
  if (what === 'conflict-unknown') return [node('conflict', { type: 'something_new' })];
  return [node(what)];
}

/** The network lends out no socket, and has no lever for stanzas that nobody has seen yet. Undone by what it returns. */
function watchConnections(open: Set<Connection>): () => void {
  const { start } = Connection.prototype;
  Connection.prototype.start = function watched(this: Connection): void {
    for (const line of open) if (!line.isOpen && line.label !== '-') open.delete(line);
    open.add(this);
    start.call(this);
  };
  return () => {
    Connection.prototype.start = start;
  };
}
