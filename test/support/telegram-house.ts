import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep, systemClock } from '../../src/core/clock.ts';
import type { EventEnvelope, EventType } from '../../src/engine/model/event.ts';
import type { Message } from '../../src/engine/model/message.ts';
import { LinkedDaemon } from './linked-daemon.ts';

/** What came to a guest's phone, as the control interface of the simulated Telegram tells it; ids are the hotel's. */
export interface TelegramSeen {
  readonly chat: string;
  readonly type: string;
  readonly id?: number;
  readonly content?: { readonly type: string; readonly text?: string; readonly bytes?: string };
  readonly [field: string]: unknown;
}

/** A daemon of the built product on the simulated Telegram, with a configuration file. */
export class TelegramHouse extends LinkedDaemon {
  static readonly phone = '+493023125100';

  /** `channel`: keys of `channels.telegram` besides those that the sandbox names; `undefined` takes one of those away. */
  override async start(yaml = '', channel: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.openNetwork();
    await this.configure(yaml, channel);
    await this.restart();
  }

  /** Writes `config.yaml`; read at the next start. */
  async configure(yaml = '', channel: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { telegram } = await this.sandbox.ready();
    if (telegram === null) throw new Error('the sandbox has no Telegram network');
    const config = JSON.stringify({ ...telegram.channel, ...channel }); // JSON is YAML
    const text = `channels:\n  telegram: ${config}\nauth: { adminKey: ${LinkedDaemon.key} }\n${yaml}`;
    writeFileSync(join(this.dir.path, 'config.yaml'), text);
  }

  override async link(id: string): Promise<void> {
    await this.api.post('/v1/sessions', { id, channel: 'telegram' });
    const { body } = await this.api.post<{ qr: string }>(`/v1/sessions/${id}/link`, { method: 'qr' });
    await this.control('POST', '/phone/scan', { qr: body.qr });
    await this.session(id, ({ state }) => state === 'connected');
  }

  /** A call of the network's control interface. */
  control<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.sandbox.callTelegram(method, path, body);
  }

  /** Makes a guest do something; resolves with the hotel's id of the message, where it makes one. */
  async guest(key: string, verb: string, input: object = {}): Promise<string> {
    const { id } = await this.control<{ id?: number | string }>('POST', `/guests/${key}/${verb}`, input);
    return String(id ?? '');
  }

  fault(lever: string, input: object = {}): Promise<unknown> {
    return this.control('POST', `/faults/${lever}`, input);
  }

  seen(guest: string): Promise<readonly TelegramSeen[]> {
    return this.control('GET', `/guests/${guest}/seen`);
  }

  async textsSeen(guest: string): Promise<readonly string[]> {
    return (await this.seen(guest)).flatMap(({ type, by, content }) =>
      type === 'message' && by === HOTEL_ID && content?.text !== undefined ? [content.text] : [],
    );
  }

  /** Resolves with the first thing on a guest's phone that is as wanted. */
  shown(guest: string, isWanted: (thing: TelegramSeen) => boolean): Promise<TelegramSeen> {
    return this.until(async () => (await this.seen(guest)).find(isWanted));
  }

  /** Posts a message and expects it to be accepted. */
  async post(content: object): Promise<Message> {
    const { status, body } = await this.api.post<Message>('/v1/messages', { channel: 'telegram', ...content });
    if (status !== 202) throw new Error(`refused with ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Posts a message and waits until the network has it; resolves with the message as it then is. */
  async send(content: object): Promise<Message> {
    const { id } = await this.post(content);
    return this.told('message.sent', (message) => message.id === id);
  }

  /** Resolves with the id of the stored file. */
  async upload(bytes: Uint8Array, name: string): Promise<string> {
    const body = new FormData();
    body.set('file', new Blob([Buffer.from(bytes)]), name);
    const answer = await fetch(`${this.api.url}/v1/media`, { method: 'POST', headers: AUTHORIZED, body });
    if (answer.status !== 201) throw new Error(`the upload was answered with ${answer.status}`);
    const { id } = (await answer.json()) as { id: string }; // as the route documents it
    return id;
  }

  async download(mediaId: string | null | undefined): Promise<Uint8Array> {
    const answer = await fetch(`${this.api.url}/v1/media/${mediaId}`, { headers: AUTHORIZED });
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** The message of the first event of the type that is as wanted. */
  async told(type: EventType, isWanted: (message: Message) => boolean): Promise<Message> {
    const { data } = await this.event(
      type,
      ({ data: facts }) => facts.message !== undefined && isWanted(facts.message),
    );
    if (data.message === undefined) throw new Error('an event about no message');
    return data.message;
  }

  event(type: EventType, isWanted: (event: EventEnvelope) => boolean): Promise<EventEnvelope> {
    return this.api.waitForEvent((event) => event.type === type && isWanted(event));
  }

  /** A moment of real time, in which the network and the daemon may do something. */
  async tick(): Promise<undefined> {
    await sleep(systemClock, TICK_MS);
    return undefined;
  }

  violations(): Promise<readonly unknown[]> {
    return this.control('GET', '/violations');
  }
}

const AUTHORIZED = { authorization: `Bearer ${LinkedDaemon.key}` };
const TICK_MS = 100;
const HOTEL_ID = '7000000001';
