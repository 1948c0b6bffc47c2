import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep, systemClock } from '../../src/core/clock.ts';
import type { EventEnvelope } from '../../src/engine/model/event.ts';
import type { Session, TimelineEntry } from '../../src/engine/model/session.ts';
import type { Page } from '../../src/engine/ports/index.ts';
import { Api } from './api.ts';
import { DaemonProcess, makeWorkingDir } from './daemon-process.ts';
import { SandboxProcess } from './sandbox-process.ts';

const LOOK_EVERY_MS = 50;

/** A daemon of the built product on a network in a box of its own, with a configuration file. */
export class LinkedDaemon {
  static readonly key = 'bhk_for-the-tests-of-bad-days';
  readonly dir = makeWorkingDir();
  #sandbox: SandboxProcess | undefined;
  #daemon: DaemonProcess | undefined;
  /** Of the daemon. */
  readonly #env: Record<string, string>;
  #api: Api | undefined;

  constructor(env: Record<string, string> = {}) {
    this.#env = env;
  }

  /** `yaml`: sections besides `channels` and `auth`. */
  async start(yaml = ''): Promise<void> {
    this.openNetwork();
    const text = await this.sandbox.configuration(`auth: { adminKey: ${LinkedDaemon.key} }\n${yaml}`);
    writeFileSync(join(this.dir.path, 'config.yaml'), text);
    await this.restart();
  }

  /** Not in the constructor: a suite that is skipped ends nothing. */
  protected openNetwork(): void {
    this.#sandbox = new SandboxProcess({ cwd: this.dir.path });
  }

  /** After `daemon.end()`. */
  async restart(): Promise<void> {
    this.#daemon = new DaemonProcess({ cwd: this.dir.path, env: this.#env });
    this.#api = new Api(await this.#daemon.url(), LinkedDaemon.key);
  }

  get sandbox(): SandboxProcess {
    if (this.#sandbox === undefined) throw new Error('start it first');
    return this.#sandbox;
  }

  /** The network in a box goes, and comes back on the same port with what it had saved. */
  async restartSandbox(signal: NodeJS.Signals): Promise<void> {
    await this.sandbox.end(signal);
    this.openNetwork();
    await this.sandbox.ready();
  }

  get daemon(): DaemonProcess {
    if (this.#daemon === undefined) throw new Error('start it first');
    return this.#daemon;
  }

  get api(): Api {
    if (this.#api === undefined) throw new Error('start it first');
    return this.#api;
  }

  async link(id: string): Promise<void> {
    await this.api.post('/v1/sessions', { id, channel: 'whatsapp' });
    const { body } = await this.api.post<{ qr: string }>(`/v1/sessions/${id}/link`, { method: 'qr' });
    await this.sandbox.call('POST', '/phone/scan', { qr: body.qr });
    await this.session(id, ({ state }) => state === 'connected');
  }

  /** The session, as soon as it is as wanted. */
  session(id: string, isWanted: (session: Session) => boolean): Promise<Session> {
    return this.until(async () => {
      const { body } = await this.api.get<Session>(`/v1/sessions/${id}`);
      return isWanted(body) ? body : undefined;
    });
  }

  async timeline(id: string): Promise<readonly TimelineEntry[]> {
    return (await this.api.get<Page<TimelineEntry>>(`/v1/sessions/${id}/timeline?limit=100`)).body.data;
  }

  async received(): Promise<readonly (string | null | undefined)[]> {
    const { body } = await this.api.get<Page<EventEnvelope>>('/v1/events?limit=200&types=message.received');
    return body.data.map((event) => event.data.message?.body);
  }

  /** Asks again and again; the test's own time limit ends it. */
  async until<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await sleep(systemClock, LOOK_EVERY_MS);
    }
  }

  async end(): Promise<void> {
    await this.#daemon?.end('SIGKILL');
    await this.#sandbox?.end();
    this.dir.remove();
  }
}
