import type { WASocket } from '@whiskeysockets/baileys';
import type { ConnectorEvent } from '../../src/connector-api/index.ts';
import type { Clock, Timer } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { NewChatNotice } from './new-chat-quota.ts';
import { readQuota, readTimelock } from './new-chat-quota.ts';
import { answerOf } from './new-chats.ts';

/** What the daemon could not store (disk full) is told again after this long. */
const TELL_AGAIN_MS = 30_000;

type Asked = Pick<WASocket, 'ev' | 'fetchAccountReachoutTimelock' | 'fetchNewChatMessageCap'>;

/**
 * Tells the daemon what the network says of writing to people who never wrote: its time-lock and its quota with two warnings. Asked once
 * after the connection is open, as the network's own web client does; later only what the server sends by itself. One a connection.
 */
export class NewChatNotices {
  readonly #deps: { sock: Asked; clock: Clock; log: Logger; emit: (event: ConnectorEvent) => Promise<void> };
  /** The latest of each origin that the daemon has not stored yet. */
  readonly #untold = new Map<string, NewChatNotice>();
  #quotaSentAt = -Infinity;
  #isTelling = false;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(deps: { sock: Asked; clock: Clock; log: Logger; emit: (event: ConnectorEvent) => Promise<void> }) {
    this.#deps = deps;
  }

  /** At "open". */
  start(): void {
    const { sock, clock } = this.#deps;
    sock.ev.on('connection.update', ({ reachoutTimeLock }) => {
      if (reachoutTimeLock !== undefined) this.#tell(readTimelock(reachoutTimeLock, clock.now()));
    });
    sock.ev.on('message-capping.update', (told) => this.quotaTold(told));
    void this.#ask();
  }

  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  /** An answer to the question, or a notice. */
  quotaTold(told: unknown): void {
    const reading = readQuota(told, this.#deps.clock.now());
    if (reading === undefined || (reading.sentAt ?? Infinity) < this.#quotaSentAt) return;
    this.#quotaSentAt = reading.sentAt ?? this.#quotaSentAt;
    this.#tell(reading.notice);
  }

  /** Both questions are read-only. Not every account has a quota: then the server answers with an error, which says nothing. */
  async #ask(): Promise<void> {
    const { sock, clock } = this.#deps;
    await answerOf(clock, () => sock.fetchAccountReachoutTimelock()); // Baileys tells it as an update
    this.quotaTold(await answerOf(clock, () => sock.fetchNewChatMessageCap()));
  }

  #tell(notice: NewChatNotice | undefined): void {
    if (notice === undefined || this.#isOver) return;
    this.#untold.delete(notice.origin);
    this.#untold.set(notice.origin, notice);
    if (!this.#isTelling) void this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    const { clock, log, emit } = this.#deps;
    this.#timer?.cancel();
    this.#isTelling = true;
    try {
      for (const [origin, notice] of this.#untold) {
        const { until, ...said } = notice;
        const end = until === undefined ? {} : { endsInMs: Math.max(0, until - clock.now()) };
        await emit({ type: 'limit', scope: 'new_chats', ...said, ...end });
        if (this.#untold.get(origin) === notice) this.#untold.delete(origin);
      }
    } catch {
      log.warn('what the network says of new chats was not stored yet');
      if (!this.#isOver) this.#timer = clock.after(TELL_AGAIN_MS, () => void this.#tellAll());
    } finally {
      this.#isTelling = false;
    }
  }
}
