import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock, Timer } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import { StateFile } from '../../box/state-file.ts';
import { ControlServer } from './control/control-server.ts';
import { TownControl } from './control/town-control.ts';
import { WhatsAppNetwork } from './network.ts';
import { type NetworkState, networkStateSchema } from './network-state.ts';
import { MediaServer } from './people/media-server.ts';
import { Stories, type StoriesState, type StoryLine, storiesSchema } from './people/stories.ts';
import { Town, type TownState, townSchema } from './people/town.ts';

export interface SandboxDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Folder in which the network and its people are kept, so that a link outlives a restart. */
  readonly stateDir: string;
  /** 0 takes the port of last time where it is free. */
  readonly port: number;
  /** Port of the control interface; 0 takes a free one. */
  readonly controlPort: number;
  /** Called for everything that the guests do. */
  readonly tell: (line: StoryLine) => void;
  /** Nobody writes by himself. */
  readonly silent: boolean;
}

/** What a client needs in order to find the sandbox: `channels.whatsapp` of a configuration. */
export interface SandboxAddress {
  readonly endpoint: string;
  readonly trustedRoots: readonly [string];
  readonly caFile: string;
  /** The control interface: make guests do things, pull a fault, scan a QR code. */
  readonly controlUrl: string;
}

const sandboxState = z.object({
  /** Written by an orderly stop; after a kill the people may remember less than the clients do. */
  clean: z.boolean(),
  ports: z.object({ network: z.int(), media: z.int() }),
  // Checked here and read by their owners, who want them as they were written.
  network: z.custom<NetworkState>((value) => networkStateSchema.safeParse(value).success),
  town: z.custom<TownState>((value) => townSchema.safeParse(value).success),
  stories: z.custom<StoriesState>((value) => storiesSchema.safeParse(value).success),
});

const STATE_FILE = 'sandbox.json';
const CA_FILE = 'media-ca.pem';
/** A kill loses at most this much of the people's memory; Signal's retries mend what then does not fit together. */
const SAVE_EVERY_MS = 2_000;
const OWNER_ONLY = 0o600;

/** The network in a box with everybody in it: what `bellhop sandbox` runs. A simulator, on loopback only. */
export class Sandbox {
  readonly #deps: SandboxDeps;
  readonly #file: StateFile;
  readonly #media: MediaServer;
  readonly #network: WhatsAppNetwork;
  readonly town: Town;
  readonly #stories: Stories;
  readonly #control: ControlServer;
  #timer: Timer | undefined;
  readonly #clean: boolean;
  #stopped = false;
  #ports = { network: 0, media: 0 };
  #saving: Promise<void> = Promise.resolve();

  private constructor(deps: SandboxDeps, file: StateFile, state: z.infer<typeof sandboxState> | null) {
    this.#deps = deps;
    this.#file = file;
    this.#clean = state?.clean ?? true;
    const { clock, random } = deps;
    this.#network = new WhatsAppNetwork({
      clock,
      random,
      port: deps.port === 0 ? (state?.ports.network ?? 0) : deps.port,
      ...(state === null ? {} : { state: state.network }),
    });
    this.#media = new MediaServer({ clock, port: state?.ports.media ?? 0, violations: this.#network.violations });
    this.town = new Town({
      network: this.#network,
      media: this.#media,
      ...(state === null ? {} : { state: state.town }),
    });
    this.#stories = new Stories({
      town: this.town,
      clock,
      random,
      tell: deps.tell,
      ...(state === null ? {} : { state: state.stories }),
    });
    const actions = new TownControl({ town: this.town });
    this.#control = new ControlServer({
      network: this.#network,
      port: deps.controlPort,
      actions: {
        state: () => actions.state(),
        actOnPhone: (verb, input) => actions.actOnPhone(verb, input),
        seen: (guest) => actions.seen(guest),
        act: async (guest, verb, input) => {
          const done = await actions.act(guest, verb, input);
          this.#stories.tellOfControl(guest, verb, input);
          return done;
        },
        scan: (qr) => this.scan(qr),
        enterCode: async (code) => {
          await actions.enterCode(code);
          await this.#afterLinking();
        },
      },
    });
  }

  /** Reads what an earlier sandbox left in the folder; something unreadable there begins a new town. */
  static async open(deps: SandboxDeps): Promise<Sandbox> {
    const file = new StateFile(join(deps.stateDir, STATE_FILE));
    const parsed = sandboxState.safeParse(await file.read());
    if (!parsed.success) return new Sandbox(deps, file, null);
    const { network, media } = parsed.data.ports;
    const ports = { network: await portIfFree(network), media: await portIfFree(media) };
    return new Sandbox(deps, file, { ...parsed.data, ports });
  }

  get network(): WhatsAppNetwork {
    return this.#network;
  }

  async start(): Promise<SandboxAddress> {
    await this.#media.start();
    await this.#network.start();
    this.#ports = { network: this.#network.port, media: Number(this.#media.hostname.split(':').at(-1)) };
    await this.#control.start();
    this.#network.setMediaHost({ hostname: this.#media.hostname, auth: this.#media.auth });
    this.town.start();
    // A phone that has forgotten its newest keys asks for new sessions, as one restored from a backup does.
    if (!this.#clean) this.town.loseSessions();
    const caFile = join(this.#deps.stateDir, CA_FILE);
    await writeFile(caFile, this.#media.caPem, { mode: OWNER_ONLY });
    if (this.isLinked) this.#beginStories();
    this.#scheduleSave();
    return {
      endpoint: this.#network.wsUrl,
      trustedRoots: [this.#network.rootKey],
      caFile,
      controlUrl: this.#control.url,
    };
  }

  /** Whether the hotel's phone has a linked device already. */
  get isLinked(): boolean {
    return this.town.phone.companions().length > 0;
  }

  /** The hotel's phone scans a QR code; the guests begin to write when the device is linked. */
  async scan(qr: string): Promise<void> {
    await this.town.phone.scan(qr);
    await this.#afterLinking();
  }

  async #afterLinking(): Promise<void> {
    this.#beginStories();
    await this.#save();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#stories.stop();
    await this.#control.stop();
    this.town.stop();
    await this.#network.stop();
    await this.#media.stop();
    this.#stopped = true;
    await this.#save();
  }

  #beginStories(): void {
    if (!this.#deps.silent) this.#stories.start();
  }

  #scheduleSave(): void {
    this.#timer = this.#deps.clock.after(SAVE_EVERY_MS, () => {
      void this.#save().finally(() => this.#scheduleSave());
    });
  }

  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  async #write(): Promise<void> {
    await this.town.settle(); // nothing may be between a phone and the network while the two are exported
    const network: NetworkState = this.#network.exportState();
    await this.#file.write({
      clean: this.#stopped,
      ports: this.#ports,
      network,
      town: this.town.exportState(),
      stories: this.#stories.exportState(),
    });
  }
}

/** Last time's port, or 0 where somebody else has it now. */
function portIfFree(port: number): Promise<number> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(0));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(port)));
  });
}
