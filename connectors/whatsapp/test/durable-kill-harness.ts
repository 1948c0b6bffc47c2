import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep, systemClock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { compiled } from '../../../test/support/compiled.ts';
import { WhatsAppNetwork } from '../simulator/network.ts';
import type { Guest } from '../simulator/people/guest.ts';
import { MediaServer } from '../simulator/people/media-server.ts';
import { Town } from '../simulator/people/town.ts';
import type { FromChild, KillPoint, RunOptions, ToChild } from './durable-kill-child.ts';
import { neglectedDuties } from './duties-support.ts';

const CHILD = fileURLToPath(compiled(new URL('./durable-kill-child.ts', import.meta.url)));
/** A life that never comes to its point (a burst that was too short) is killed from outside after this. */
const LONGEST_LIFE_MS = 4_000;
const LONGEST_WAIT_MS = 30_000;

/** Where a life ends. `receipt`: the server has the receipt, the worker has nothing. `random`: anywhere. */
export type Ending = KillPoint | 'receipt' | 'random';

export const ENDINGS: readonly Ending[] = [
  'before-decrypt',
  'between-rows',
  'before-commit',
  'after-decrypt',
  'receipt',
  'in-handler',
  'after-store',
  'random',
];

export class Life {
  readonly #child: ChildProcess;
  readonly #messages: FromChild[] = [];
  #watchers: (() => void)[] = [];
  readonly exited: Promise<void>;
  isOver = false;
  /** It came to its point, rather than being killed from outside. */
  killedItself = false;
  #isKilledFromOutside = false;

  constructor() {
    this.#child = fork(CHILD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message: FromChild) => {
      this.#messages.push(message);
      this.#wake();
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (_code, signal) => {
        this.isOver = true;
        this.killedItself = signal === 'SIGKILL' && !this.#isKilledFromOutside;
        this.#wake();
        resolve();
      });
    });
  }

  get failures(): readonly string[] {
    return this.#messages.flatMap((message) => (message.type === 'failure' ? [message.kind] : []));
  }

  /** Resolves with the first such message, or with undefined when the process ended without. */
  async until<T extends FromChild['type']>(type: T): Promise<Extract<FromChild, { type: T }> | undefined> {
    const isWanted = (message: FromChild): message is Extract<FromChild, { type: T }> => message.type === type;
    await this.when(() => this.#messages.some(isWanted));
    return this.#messages.find(isWanted);
  }

  when(ready: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.isOver || ready()) resolve();
        else this.#watchers.push(look);
      };
      look();
    });
  }

  send(order: ToChild): void {
    if (!this.isOver) this.#child.send(order, () => undefined);
  }

  async kill(): Promise<void> {
    if (!this.isOver) {
      this.#isKilledFromOutside = true;
      this.#child.kill('SIGKILL');
    }
    await this.exited;
  }

  #wake(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const look of watchers) look();
  }
}

/** A network with people, and a client of it that dies again and again. */
export class KillRun {
  readonly network = new WhatsAppNetwork({ clock: systemClock, random: systemRandom });
  readonly #media = new MediaServer({ clock: systemClock, violations: this.network.violations });
  readonly town = new Town({ network: this.network, media: this.#media });
  /** What was said to the house, by id. */
  readonly said = new Map<string, string>();
  /** How often each kind of message was said. */
  readonly sealedAs = new Map<string, number>();
  readonly #dir = mkdtempSync(join(tmpdir(), 'bellhop-kills-'));
  readonly #random: Random;
  readonly #mode: RunOptions['mode'];
  readonly #lives = new Set<Life>();
  /** One in so many messages arrives unreadable; 0 for none. */
  readonly #garbleOneIn: number;
  garbled = 0;
  /** What the last undisturbed life had left undone. */
  owed: readonly string[] = [];
  #warm: Life | undefined;
  #serial = 0;

  constructor(options: { random: Random; mode: RunOptions['mode']; garbleOneIn?: number }) {
    this.#random = options.random;
    this.#mode = options.mode;
    this.#garbleOneIn = options.garbleOneIn ?? 0;
  }

  /** Links the client, so that the first life begins with credentials. */
  async start(): Promise<void> {
    await this.network.start();
    this.town.start();
    const login = this.#spawn();
    await login.until('ready');
    login.send({ type: 'run', options: { ...this.#options(), mode: 'durable', purpose: 'login' } });
    const qr = await login.until('qr');
    await this.town.phone.scan(qr?.text ?? '');
    await login.exited;
    await this.undisturbed();
  }

  async stop(): Promise<void> {
    for (const life of this.#lives) await life.kill();
    this.town.stop();
    await this.network.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** One life that ends as told, with messages before and during it. */
  async die(ending: Ending): Promise<Life> {
    const burst = 1 + this.#below(4);
    const sayBefore = this.#below(burst + 1);
    for (let count = 0; count < sayBefore; count += 1) await this.saySomething();
    const nth = 1 + this.#below(burst);
    const life = await this.#begin({
      ...(ending === 'receipt' || ending === 'random' ? {} : { kill: { point: ending, nth } }),
      ...(ending === 'receipt' ? { holdWorker: true } : {}),
    });
    const receipted = this.#nextReceipt();
    await life.until('open');
    for (let count = sayBefore; count < burst; count += 1) await this.saySomething();
    if (this.#below(4) === 0) life.send({ type: 'say', to: this.#guest().lid, text: 'Good evening!' });
    if (ending === 'random') await sleep(systemClock, this.#below(120));
    else await Promise.race([ending === 'receipt' ? receipted : life.exited, sleep(systemClock, LONGEST_LIFE_MS)]);
    await life.kill();
    return life;
  }

  /** A life in which nothing happens to the client, until it has everything or the time is up. */
  async undisturbed(longestMs = LONGEST_WAIT_MS): Promise<Life> {
    const life = await this.#begin({});
    await life.until('open');
    await Promise.race([
      life.when(() => [...this.said.keys()].every((id) => this.stored().some((entry) => entry.id === id))),
      sleep(systemClock, longestMs),
    ]);
    this.owed = this.#mode === 'stock' ? [] : await neglectedDuties(this.network);
    await life.kill();
    return life;
  }

  /** Somebody writes: a guest for the first or the tenth time, in a group or not, or staff on the phone. */
  async saySomething(): Promise<void> {
    this.#serial += 1;
    const text = `message ${this.#serial}`;
    const kind = this.#below(10);
    const name = kind === 0 ? 'own phone' : kind <= 2 ? 'group' : kind <= 5 ? 'first contact' : 'known guest';
    this.sealedAs.set(name, (this.sealedAs.get(name) ?? 0) + 1);
    if (this.#garbleOneIn > 0 && this.#below(this.#garbleOneIn) === 0) {
      this.garbled += 1;
      this.network.faults.garbleNext(this.network.companions()[0]);
    }
    if (kind === 0) this.said.set(await this.town.phone.sayFromPhone(this.#guest().pn, text), text);
    else if (kind <= 2) this.said.set(await this.#sayInGroup(text), text);
    else if (kind <= 5) this.said.set(await this.#newGuest().say(text), text);
    else this.said.set(await this.#guest().say(text), text);
  }

  stored(): readonly { id: string; text: string }[] {
    const file = join(this.#dir, 'stored.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter(Boolean).map((line) => JSON.parse(line) as { id: string; text: string });
  }

  /** What went wrong: ids that were said and never stored, stored twice, or stored with other words. */
  account(): { lost: readonly string[]; twice: readonly string[]; wrong: readonly string[] } {
    const stored = this.stored();
    const ids = stored.map(({ id }) => id);
    return {
      lost: [...this.said.keys()].filter((id) => !ids.includes(id)),
      twice: ids.filter((id, index) => ids.indexOf(id) !== index),
      wrong: stored.filter(({ id, text }) => this.said.get(id) !== text).map(({ id }) => id),
    };
  }

  async #begin(options: Partial<RunOptions>): Promise<Life> {
    const life = this.#warm ?? this.#spawn();
    this.#warm = this.#spawn();
    await life.until('ready');
    life.send({ type: 'run', options: { ...this.#options(), ...options } });
    return life;
  }

  #options(): RunOptions {
    const { wsUrl, rootKey } = this.network;
    return { wsUrl, rootKey, dir: this.#dir, purpose: 'connect', mode: this.#mode, isHurried: this.#garbleOneIn > 0 };
  }

  #spawn(): Life {
    const life = new Life();
    this.#lives.add(life);
    void life.exited.then(() => this.#lives.delete(life));
    return life;
  }

  async #nextReceipt(): Promise<void> {
    const [account] = this.network.companions();
    await new Promise<void>((resolve) => {
      const stop = this.network.traffic.listen((event) => {
        if (event.kind !== 'receipt' || event.account !== account || !this.said.has(event.id ?? '')) return;
        stop();
        resolve();
      });
    });
  }

  async #sayInGroup(text: string): Promise<string> {
    const katrin = this.town.guest('katrin');
    this.#group ??= katrin.createGroup('Reisegruppe', [this.town.phone.lid, this.town.guest('jonas').lid]);
    return katrin.say(text, this.#group);
  }
  #group: string | undefined;

  #guest(): Guest {
    const guests = [...this.town.guests.values()];
    return guests[this.#below(guests.length)] ?? this.#newGuest();
  }

  #newGuest(): Guest {
    const serial = String(this.#serial).padStart(4, '0');
    const addressing = this.#below(2) === 0 ? 'lid' : 'pn';
    return this.town.addGuest({ key: `guest-${serial}`, name: 'Somebody', number: `49171397${serial}`, addressing });
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }
}
