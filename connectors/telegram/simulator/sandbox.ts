import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock, Timer } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import { StateFile } from '../../box/state-file.ts';
import { ControlServer } from './control/control-server.ts';
import { type NetworkState, TelegramNetwork } from './network.ts';
import { Stories, type StoriesState, type StoryLine, storiesSchema } from './people/stories.ts';
import { Town } from './people/town.ts';

export interface SandboxDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Where the network keeps its people. */
  readonly stateDir: string;
  /** Of the control interface; 0 = any free one. */
  readonly controlPort: number;
  /** Nobody writes by himself. */
  readonly silent: boolean;
  readonly tell: (line: StoryLine) => void;
}

/** What a client needs in order to find the sandbox: `channels.telegram` of a configuration, and the control interface. */
export interface SandboxAddress {
  readonly apiId: number;
  readonly apiHash: string;
  readonly endpoint: { readonly host: string; readonly port: number; readonly dcId: number };
  readonly serverKeys: readonly [string];
  readonly controlUrl: string;
}

const sandboxState = z.object({
  // Checked here as far as they go, and read by their owners, who want them as they were written.
  network: z.custom<NetworkState>((value) => z.object({ wire: z.unknown(), world: z.json() }).safeParse(value).success),
  stories: z.custom<StoriesState>((value) => storiesSchema.safeParse(value).success),
});

const STATE_FILE = 'telegram.json';
/** A kill loses at most this much of the people's memory. */
const SAVE_EVERY_MS = 2_000;

/** Telegram in a box with everybody in it: what `bellhop sandbox` runs. A simulator, on loopback only. */
export class TelegramSandbox {
  readonly #deps: SandboxDeps;
  readonly #file: StateFile;
  readonly #network: TelegramNetwork;
  readonly town: Town;
  readonly #stories: Stories;
  readonly #control: ControlServer;
  #timer: Timer | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isTelling = false;

  private constructor(deps: SandboxDeps, file: StateFile, state: z.infer<typeof sandboxState> | null) {
    this.#deps = deps;
    this.#file = file;
    const { clock, random, tell } = deps;
    this.#network = new TelegramNetwork({ clock, random, ...(state === null ? {} : { state: state.network }) });
    this.town = new Town({ network: this.#network });
    this.#stories = new Stories({
      network: this.#network,
      town: this.town,
      clock,
      random,
      tell,
      ...(state === null ? {} : { state: state.stories }),
    });
    this.#control = new ControlServer({
      network: this.#network,
      town: this.town,
      port: deps.controlPort,
      onLinked: async () => {
        this.#beginStories();
        await this.#save();
      },
    });
  }

  /** Whether a library of the connector is there to speak with: the network's schemas are theirs, too. */
  static isPossible(): boolean {
    const { resolve } = createRequire(import.meta.url);
    return ['telegram', '@mtcute/node'].some((name) => {
      try {
        return resolve(name) !== '';
      } catch {
        return false;
      }
    });
  }

  /** Reads what an earlier sandbox left in the folder; something unreadable there begins a new town. */
  static async open(deps: SandboxDeps): Promise<TelegramSandbox> {
    const file = new StateFile(join(deps.stateDir, STATE_FILE));
    const parsed = sandboxState.safeParse(await file.read());
    try {
      return new TelegramSandbox(deps, file, parsed.success ? parsed.data : null);
    } catch {
      return new TelegramSandbox(deps, file, null);
    }
  }

  /** Rejects where it is not possible. */
  async start(): Promise<SandboxAddress> {
    await this.#network.start();
    await this.#control.start();
    if (this.isLinked) this.#beginStories();
    this.#scheduleSave();
    const { apiId, apiHash, endpoint, serverKeys } = this.#network.config;
    const [serverKey = ''] = serverKeys;
    return { apiId, apiHash, endpoint, serverKeys: [serverKey], controlUrl: this.#control.url };
  }

  /** Whether the hotel's account has let a device in already. */
  get isLinked(): boolean {
    return this.#network.keysOf(this.town.hotel).length > 0;
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#stories.stop();
    await this.#control.stop();
    await this.#save();
    await this.#network.stop();
  }

  #beginStories(): void {
    if (this.#deps.silent || this.#isTelling) return;
    this.#isTelling = true;
    this.#stories.start();
  }

  #scheduleSave(): void {
    this.#timer = this.#deps.clock.after(SAVE_EVERY_MS, () => {
      void this.#save().finally(() => this.#scheduleSave());
    });
  }

  #save(): Promise<void> {
    const write = (): Promise<void> =>
      this.#file.write({ network: this.#network.exportState(), stories: this.#stories.exportState() });
    this.#saving = this.#saving.then(write);
    return this.#saving;
  }
}
