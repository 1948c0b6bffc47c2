import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock, Timer } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
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
const OWNER_ONLY = 0o600;

/** Telegram in a box with everybody in it: what `bellhop sandbox` runs. A simulator, on loopback only. */
export class TelegramSandbox {
  readonly #deps: SandboxDeps;
  readonly #network: TelegramNetwork;
  readonly town: Town;
  readonly #stories: Stories;
  readonly #control: ControlServer;
  #timer: Timer | undefined;
  #saved = '';
  #saving: Promise<void> = Promise.resolve();
  #isTelling = false;

  private constructor(deps: SandboxDeps, state: z.infer<typeof sandboxState> | null) {
    this.#deps = deps;
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
    await mkdir(deps.stateDir, { recursive: true, mode: 0o700 });
    const text = await readFile(join(deps.stateDir, STATE_FILE), 'utf8').catch(() => null);
    const parsed = text === null ? null : sandboxState.safeParse(parseJson(text));
    if (parsed?.success !== true) return new TelegramSandbox(deps, null);
    try {
      return new TelegramSandbox(deps, parsed.data);
    } catch {
      return new TelegramSandbox(deps, null);
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
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  async #write(): Promise<void> {
    const state = JSON.stringify({ network: this.#network.exportState(), stories: this.#stories.exportState() });
    if (state === this.#saved) return;
    this.#saved = state;
    const file = join(this.#deps.stateDir, STATE_FILE);
    await writeFile(`${file}.new`, state, { mode: OWNER_ONLY });
    await chmod(`${file}.new`, OWNER_ONLY);
    await rename(`${file}.new`, file);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
