import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectorEvent, OutboundMessage } from '../../src/connector-api/index.ts';
import type { LogFields, Logger } from '../../src/core/logger.ts';
import type { SessionListener, SessionSpec } from '../../src/engine/ports/connector-host.ts';
import type { ChildInit } from '../../src/host/index.ts';
import { compiled } from './compiled.ts';
import { fakeChat } from './fake-connector.ts';

export const fakeChildModule = compiled(new URL('./fake-connector-child.ts', import.meta.url));

/** Where a fake daemon keeps its files; `remove` at the end. */
export function temporaryInit(): { init: ChildInit; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'bellhop-host-'));
  return {
    init: {
      sessionsDir: join(root, 'sessions'),
      sessionsKey: new Uint8Array(32).fill(9),
      mediaDir: join(root, 'media'),
      logLevel: 'debug',
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export function fakeSpec(sessionId = 'front-desk', config: unknown = {}): SessionSpec {
  return { sessionId, channel: 'fake', config };
}

export function say(body: string, networkId = 'out-1'): OutboundMessage {
  return { networkId, chat: fakeChat, content: { type: 'text', body }, attempt: 1 };
}

/** A daemon that keeps what it is told; a test may hold it up or make it refuse. */
export class RecordingListener implements SessionListener {
  readonly events: ConnectorEvent[] = [];
  readonly lost: string[] = [];
  concurrent = 0;
  mostConcurrent = 0;
  /** Called for each event before it counts as stored. */
  store: (event: ConnectorEvent) => Promise<void> | void = () => undefined;

  async onEvent(event: ConnectorEvent): Promise<void> {
    this.concurrent += 1;
    this.mostConcurrent = Math.max(this.mostConcurrent, this.concurrent);
    try {
      await this.store(event);
      this.events.push(event);
    } finally {
      this.concurrent -= 1;
    }
  }

  onLost(reason: string): void {
    this.lost.push(reason);
  }

  /** Network ids of the messages stored so far. */
  get ids(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'message' ? [event.message.networkId] : []));
  }
}

/** A door that a test opens. */
export class Gate {
  readonly opened: Promise<void>;
  #open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }
}

/** Waits for a condition that other processes bring about; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

export interface RecordedLine {
  readonly level: string;
  readonly text: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines. */
export class RecordingLogger implements Logger {
  readonly lines: RecordedLine[];
  readonly #fields: LogFields;

  constructor(lines: RecordedLine[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  readonly trace = (text: string, fields?: LogFields): void => this.#add('trace', text, fields);
  readonly debug = (text: string, fields?: LogFields): void => this.#add('debug', text, fields);
  readonly info = (text: string, fields?: LogFields): void => this.#add('info', text, fields);
  readonly warn = (text: string, fields?: LogFields): void => this.#add('warn', text, fields);
  readonly error = (text: string, fields?: LogFields): void => this.#add('error', text, fields);

  child(fields: LogFields): Logger {
    return new RecordingLogger(this.lines, { ...this.#fields, ...fields });
  }

  #add(level: string, text: string, fields: LogFields = {}): void {
    this.lines.push({ level, text, fields: { ...this.#fields, ...fields } });
  }
}
