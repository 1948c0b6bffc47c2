import { writeAccount } from '../../connectors/xmpp/stored-account.ts';
import { systemClock } from '../../src/core/clock.ts';
import { MemoryVault } from '../support/memory-vault.ts';
import { Door } from './door.ts';
import { CorpusHouse, inlineHost } from './house.ts';
import { SkipClock } from './skip-clock.ts';
import type { Stage, Theatre } from './stage.ts';
import { XmppServer } from './xmpp-server.ts';

const ADDRESS = 'desk@localhost';

/** A small XMPP server that ends streams in every way there is. */
export class XmppTheatre implements Theatre<XmppStage> {
  readonly #server = new XmppServer();
  #door: Door | undefined;

  async start(): Promise<void> {
    this.#door = new Door({ target: await this.#server.start() });
    await this.#door.start();
  }

  async stage(): Promise<XmppStage> {
    if (this.#door === undefined) throw new Error('not started');
    return new XmppStage(this.#server, this.#door);
  }

  spoil(): void {
    // each stage has a vault of its own
  }

  async stop(): Promise<void> {
    await this.#door?.stop();
    await this.#server.stop();
  }
}

export class XmppStage implements Stage {
  readonly clock = new SkipClock();
  readonly server: XmppServer;
  readonly door: Door;
  readonly #vault = new MemoryVault({ clock: systemClock });

  constructor(server: XmppServer, door: Door) {
    this.server = server;
    this.door = door;
    writeAccount(this.#vault, { address: ADDRESS, password: 'corpus secret' });
  }

  open(): Promise<CorpusHouse> {
    return CorpusHouse.open({
      channel: 'xmpp',
      config: { service: `xmpp://127.0.0.1:${String(this.door.port)}` },
      account: { address: ADDRESS },
      clock: this.clock,
      host: inlineHost({ vault: this.#vault, clock: this.clock }),
    });
  }

  knocks(): number {
    return this.door.knocks;
  }

  async mend(): Promise<void> {
    this.server.mend();
    await this.door.become({ do: 'open' });
  }
}
