import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectorManifest } from '../../src/connector-api/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { ForkedChild } from '../../src/host/forked-child.ts';
import { ForkedHost } from '../../src/host/index.ts';
import { openVault } from '../../src/store/vault/index.ts';
import { admin, BASIS } from '../support/engine-fixture.ts';
import { fakeAccount } from '../support/fake-connector.ts';
import { fakeChildModule, temporaryInit } from '../support/fake-connector-host.ts';
import { hostileManifest } from '../support/hostile-connector.ts';
import { CorpusHouse, SESSION } from './house.ts';
import { SkipClock } from './skip-clock.ts';
import type { Stage, Theatre } from './stage.ts';

/** For the children: what hoards finds its end soon. */
const SMALL_HEAP = '--max-old-space-size=64';
const GUEST = '+15551230001';
/** A process that is killed always lives so long; ms. */
const LIFE_MS = 50;

/** Real child processes, and a connector in them that does whatever it is told. */
export class ProcessTheatre implements Theatre<ProcessStage> {
  readonly #stages: ProcessStage[] = [];
  #options: string | undefined;

  async start(): Promise<void> {
    this.#options = process.env['NODE_OPTIONS'];
    process.env['NODE_OPTIONS'] = `${this.#options ?? ''} ${SMALL_HEAP}`.trim();
  }

  async stage(): Promise<ProcessStage> {
    const stage = new ProcessStage();
    this.#stages.push(stage);
    return stage;
  }

  spoil(): void {
    // each stage has files of its own
  }

  async stop(): Promise<void> {
    for (const stage of this.#stages) stage.remove();
    if (this.#options === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = this.#options;
  }
}

export class ProcessStage implements Stage {
  readonly clock = new SkipClock();
  channel = 'hostile';
  config: unknown = {};
  refusesToStore = false;
  sessionsKey: Uint8Array<ArrayBuffer>;
  readonly #files = temporaryInit();
  #host: ForkedHost | undefined;
  #house: CorpusHouse | undefined;
  #starts = 0;
  #isKilledAlways = false;

  constructor() {
    const { sessionsDir: dir, sessionsKey: masterKey } = this.#files.init;
    this.sessionsKey = masterKey;
    const vault = openVault({ dir, sessionId: SESSION, masterKey, clock: systemClock });
    vault.secrets.set('fake', 'creds', Buffer.from('linked'));
    vault.close();
  }

  async open(): Promise<CorpusHouse> {
    const { clock, channel, config } = this;
    const host = new ForkedHost({
      init: { ...this.#files.init, sessionsKey: this.sessionsKey },
      clock,
      log: silentLogger,
      childModule: fakeChildModule,
      makeChild: (deps) => {
        this.#starts += 1;
        return new ForkedChild(deps);
      },
    });
    this.#host = host;
    const manifest: ConnectorManifest = { ...hostileManifest, channel };
    this.#house = await CorpusHouse.open({
      channel,
      config,
      account: fakeAccount,
      clock,
      host,
      manifests: [manifest],
      refusesToStore: () => this.refusesToStore,
    });
    return this.#house;
  }

  /** Processes that were started. */
  knocks(): number {
    return this.#starts;
  }

  async mend(): Promise<void> {
    this.#isKilledAlways = false;
    this.refusesToStore = false;
  }

  remove(): void {
    this.#files.remove();
  }

  kill(signal: NodeJS.Signals): void {
    for (const { pid } of this.#host?.processes() ?? []) if (pid !== null) process.kill(pid, signal);
  }

  /** Each process that is there, until it is mended. */
  killAlways(): void {
    this.#isKilledAlways = true;
    const strike = (): void => {
      if (!this.#isKilledAlways) return;
      this.kill('SIGKILL');
      systemClock.after(LIFE_MS, strike);
    };
    strike();
  }

  /** The connector is told to send these words, and does what they say. */
  async tell(words: string): Promise<void> {
    const message = { channel: this.channel, session: SESSION, to: GUEST, body: words, basis: BASIS };
    await this.#house?.engine.api.messages.accept(admin, message);
  }

  /** The file of the vault is no database any more. */
  spoilVault(): void {
    const { sessionsDir } = this.#files.init;
    for (const name of readdirSync(sessionsDir)) {
      if (name.includes(SESSION)) writeFileSync(join(sessionsDir, name), Buffer.alloc(8_192, 7));
    }
  }
}
