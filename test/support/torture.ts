import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep, systemClock } from '../../src/core/clock.ts';
import { type Random, seededRandom, systemRandom } from '../../src/core/random.ts';
import type { EventEnvelope } from '../../src/engine/model/event.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { Session } from '../../src/engine/model/session.ts';
import type { Page } from '../../src/engine/ports/index.ts';
import { Api } from './api.ts';
import { DaemonProcess, makeWorkingDir } from './daemon-process.ts';
import { HookReceiver, type ReceivedHook } from './hook-receiver.ts';
import { SandboxProcess, type SeenThing, type SeenViolation } from './sandbox-process.ts';

const ADMIN_KEY = 'bhk_torture-torture-torture';
const SESSION = 'front-desk';
/** Keys in the sandbox's cast; one whose address is a number, three with hidden ones. */
const GUESTS = ['katrin', 'jonas', 'james', 'chloe'] as const;
const LONGEST_CALM_MS = 2_500;
const LONGEST_SETTLING_MS = 90_000;
const LOOK_EVERY_MS = 100;
const ORPHAN_LIMIT_MS = 5_000;
const BETWEEN_WORDS_MS = 60;

export interface TortureOptions {
  readonly kills: number;
  readonly seed: number;
  readonly tell?: (line: string) => void;
  /** Keeps what the daemons log, at debug, in this file. */
  readonly logFile?: string;
}

/** An answer that the API accepted with 202. */
export interface AcceptedAnswer {
  readonly guest: string;
  readonly text: string;
  readonly id: string;
  readonly channelMessageId: string | null;
}

/** What everybody knows when the dust has settled. */
export interface Aftermath {
  readonly accepted: readonly AcceptedAnswer[];
  /** Requests that had to be sent again with the same Idempotency-Key. */
  readonly repeats: number;
  /** What the guests wrote, with the network's ids, by guest in order. */
  readonly said: ReadonlyMap<string, readonly { id: string; text: string }[]>;
  readonly screens: ReadonlyMap<string, readonly SeenThing[]>;
  readonly duplicatesShown: number;
  readonly events: readonly EventEnvelope[];
  readonly hooks: readonly ReceivedHook[];
  readonly forgedHooks: number;
  readonly violations: readonly SeenViolation[];
  readonly stillOwed: number;
  readonly kills: { readonly daemon: number; readonly connector: number };
  /** Connector processes that outlived their daemon by more than a few seconds. */
  readonly orphans: number;
  readonly elapsedMs: number;
}

/**
 * Guests write and are answered while the daemon, or the process of its connector, is killed with SIGKILL again and again.
 * Needs a built product. Resolves with what can then be compared; judges nothing.
 */
export async function torture(options: TortureOptions): Promise<Aftermath> {
  const dir = makeWorkingDir();
  const hooks = new HookReceiver();
  const sandbox = new SandboxProcess({ cwd: dir.path });
  let run: Torture | undefined;
  try {
    writeFileSync(
      join(dir.path, 'config.yaml'),
      await sandbox.configuration(
        `auth: { adminKey: ${ADMIN_KEY} }\nserver: { rateLimit: { max: 1000000 } }\n${hooks.yaml(await hooks.start())}`,
      ),
    );
    run = new Torture({ ...options, random: seededRandom(options.seed), cwd: dir.path, sandbox, hooks });
    return await run.go();
  } finally {
    await run?.end();
    await sandbox.end();
    hooks.stop();
    dir.remove();
  }
}

interface TortureDeps extends TortureOptions {
  readonly random: Random;
  readonly cwd: string;
  readonly sandbox: SandboxProcess;
  readonly hooks: HookReceiver;
}

class Torture {
  readonly #deps: TortureDeps;
  #daemon: DaemonProcess;
  #api: Api | undefined;
  #isOver = false;
  #repeats = 0;
  readonly #accepted: AcceptedAnswer[] = [];
  readonly #said = new Map<string, { id: string; text: string }[]>();
  readonly #numbers = new Map<string, string>();
  readonly #kills = { daemon: 0, connector: 0 };
  #orphans = 0;

  constructor(deps: TortureDeps) {
    this.#deps = deps;
    this.#daemon = this.#spawn();
  }

  async go(): Promise<Aftermath> {
    const begunAt = systemClock.monotonic();
    await this.#findApi();
    await this.#link();
    for (const { key, pn } of (await this.#deps.sandbox.state()).people.guests) {
      this.#numbers.set(key, `+${pn.split('@')[0] ?? ''}`);
    }
    const words = GUESTS.flatMap((guest) => [this.#talk(guest), this.#answer(guest)]);
    for (let kill = 1; kill <= this.#deps.kills; kill += 1) await this.#killOnce(kill);
    this.#isOver = true;
    await Promise.all(words);
    await this.#settle();
    return await this.#collect(systemClock.monotonic() - begunAt);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#daemon.end('SIGKILL');
  }

  #spawn(): DaemonProcess {
    const { cwd, logFile } = this.#deps;
    const daemon = new DaemonProcess({
      cwd,
      ...(logFile === undefined ? {} : { env: { BELLHOP_LOG__LEVEL: 'debug' } }),
    });
    if (logFile !== undefined) void daemon.ended.then(({ stderr }) => appendFileSync(logFile, stderr));
    return daemon;
  }

  async #findApi(): Promise<void> {
    this.#api = new Api(await this.#daemon.url(), ADMIN_KEY);
  }

  async #link(): Promise<void> {
    const api = this.#api as Api;
    await api.post('/v1/sessions', { id: SESSION, channel: 'whatsapp' });
    const { body } = await api.post<{ qr: string }>(`/v1/sessions/${SESSION}/link`, { method: 'qr' });
    await this.#deps.sandbox.call('POST', '/phone/scan', { qr: body.qr });
    await this.#untilConnected();
  }

  /** Also returns when the daemon is gone: then somebody starts another. */
  async #untilConnected(): Promise<void> {
    const until = systemClock.monotonic() + LONGEST_SETTLING_MS;
    while (systemClock.monotonic() < until) {
      const answer = await this.#api?.get<Session>(`/v1/sessions/${SESSION}`).catch(() => undefined);
      if (answer?.body.state === 'connected') return;
      await sleep(systemClock, LOOK_EVERY_MS);
    }
    throw new Error(`the session did not connect: ${this.#daemon.errors.slice(-2_000)}`);
  }

  async #talk(guest: string): Promise<void> {
    const said: { id: string; text: string }[] = [];
    this.#said.set(guest, said);
    for (let count = 1; !this.#isOver; count += 1) {
      const text = `${guest} says ${count}`;
      said.push({ id: await this.#deps.sandbox.say(guest, text), text });
      await sleep(systemClock, BETWEEN_WORDS_MS * (1 + 4 * systemRandom.next()));
    }
  }

  async #answer(guest: string): Promise<void> {
    for (let count = 1; !this.#isOver; count += 1) {
      const text = `hotel to ${guest} ${count}`;
      const message = await this.#post(guest, text);
      this.#accepted.push({ guest, text, id: message.id, channelMessageId: message.channelMessageId });
      await sleep(systemClock, BETWEEN_WORDS_MS * (1 + 4 * systemRandom.next()));
    }
  }

  /** As an integrator does: the same request with the same key until it is answered. */
  async #post(guest: string, text: string): Promise<Message> {
    for (;;) {
      const answer = await this.#postOnce(guest, text).catch(() => undefined);
      if (answer?.status === 202) return (await answer.json()) as Message;
      if (answer !== undefined && answer.status < 500 && answer.status !== 409)
        throw new Error(`POST /v1/messages answered ${answer.status}: ${await answer.text()}`);
      this.#repeats += 1;
      await sleep(systemClock, LOOK_EVERY_MS);
    }
  }

  #postOnce(guest: string, text: string): Promise<Response> {
    return fetch(`${this.#api?.url}/v1/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': text.replaceAll(' ', '-'),
      },
      body: JSON.stringify({
        channel: 'whatsapp',
        to: this.#numbers.get(guest),
        body: text,
        basis: { reservation: 'R-1', consent: 'asked at booking' },
      }),
    });
  }

  /** Sometimes before the session is up, sometimes in the middle of traffic. */
  async #killOnce(count: number): Promise<void> {
    const { random, tell } = this.#deps;
    const isConnector = random.next() < 0.5;
    if (random.next() < 0.7) await this.#untilConnected();
    await sleep(systemClock, random.next() * LONGEST_CALM_MS);
    const connector = this.#daemon.connectorPid;
    if (connector !== undefined && isConnector) {
      tell?.(`kill ${count}: connector`);
      this.#kills.connector += 1;
      process.kill(connector, 'SIGKILL');
      return;
    }
    tell?.(`kill ${count}: daemon`);
    this.#kills.daemon += 1;
    await this.#daemon.end('SIGKILL');
    this.#daemon = this.#spawn();
    await this.#findApi();
    if (connector !== undefined) void this.#expectEnd(connector);
  }

  /** Without its daemon the connector's process has nothing to do. */
  async #expectEnd(pid: number): Promise<void> {
    await sleep(systemClock, ORPHAN_LIMIT_MS);
    if (isAlive(pid)) this.#orphans += 1;
  }

  /** Waits until nothing is queued, nothing is owed and every webhook has come. */
  async #settle(): Promise<void> {
    const until = systemClock.monotonic() + LONGEST_SETTLING_MS;
    await this.#untilConnected();
    while (systemClock.monotonic() < until) {
      const events = await this.#readEvents();
      const open = this.#openThings(events);
      if (open.length === 0) return;
      this.#deps.tell?.(`waiting: ${open.join(', ')}`);
      await sleep(systemClock, LOOK_EVERY_MS * 5);
    }
  }

  #openThings(events: readonly EventEnvelope[]): string[] {
    const count = (type: string): number => events.filter((event) => event.type === type).length;
    const hooked = new Set(this.#deps.hooks.received.map((hook) => hook.event.id));
    const said = [...this.#said.values()].flat().length;
    return [
      // A receipt may settle a message whose acknowledgement a kill swallowed: then there is no `message.sent`.
      { name: 'delivered', missing: this.#accepted.length - count('message.delivered') },
      { name: 'received', missing: said - count('message.received') },
      { name: 'hooks', missing: events.filter((event) => !hooked.has(event.id)).length },
    ]
      .filter(({ missing }) => missing > 0)
      .map(({ name, missing }) => `${name} ${missing}`);
  }

  async #readEvents(): Promise<EventEnvelope[]> {
    const events: EventEnvelope[] = [];
    for (let after = ''; ; ) {
      const path = `/v1/events?limit=200${after === '' ? '' : `&after=${after}`}`;
      const page = (await this.#api?.get<Page<EventEnvelope>>(path))?.body;
      events.push(...(page?.data ?? []));
      if (page === undefined || page.data.length < 200) return events;
      after = page.nextCursor ?? '';
    }
  }

  async #collect(elapsedMs: number): Promise<Aftermath> {
    const { sandbox, hooks } = this.#deps;
    const screens = new Map<string, readonly SeenThing[]>();
    for (const guest of GUESTS) screens.set(guest, await sandbox.seen(guest));
    const network = await sandbox.state();
    return {
      accepted: this.#accepted,
      repeats: this.#repeats,
      said: this.#said,
      screens,
      duplicatesShown: network.people.guests.reduce((sum, guest) => sum + guest.duplicatesShown, 0),
      events: await this.#readEvents(),
      hooks: hooks.received,
      forgedHooks: hooks.forged,
      violations: await sandbox.violations(),
      stillOwed: network.companions.reduce((sum, each) => sum + each.owes.length, 0),
      kills: this.#kills,
      orphans: this.#orphans,
      elapsedMs,
    };
  }
}

/** A process that has ended and was not collected yet (state Z) is not alive. Linux only, elsewhere always false. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
