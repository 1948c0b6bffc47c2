import type { SessionContext, SessionVitals } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import { withDeadline } from '../../src/core/clock.ts';
import { sendCanary } from './canary.ts';
import type { WhatsAppConfig } from './config.ts';
import { NewChatNotices } from './new-chat-notices.ts';
import { Sender } from './outbound.ts';
import { ChangeDesk } from './outbound-changes.ts';
import { PresenceDesk } from './presence.ts';
import type { SessionParts } from './session-parts.ts';
import type { Line } from './socket.ts';

const SERVER = '@s.whatsapp.net'; // Baileys S_WHATSAPP_NET
const PROBE_TIMEOUT_MS = 10_000;
/** Beyond it the phone shows the link until somebody removes it there; the vault is erased all the same. */
const UNLINK_TIMEOUT_MS = 3_000;

/** What can be done while a connection is open. Made at "open", thrown away at the end. */
export class OpenConnection {
  readonly sender: Sender;
  readonly changes: ChangeDesk;
  readonly presence: PresenceDesk;
  readonly #line: Line;
  readonly #parts: SessionParts;
  readonly #context: SessionContext<WhatsAppConfig>;
  readonly #notices: NewChatNotices;

  constructor(deps: {
    line: Line;
    parts: SessionParts;
    context: SessionContext<WhatsAppConfig>;
  }) {
    const { line, parts, context } = deps;
    const { clock, log, media, random } = context;
    this.#line = line;
    this.#parts = parts;
    this.#context = context;
    const { baileys, store, timers, lookup } = parts;
    this.#notices = new NewChatNotices({ sock: line.sock, clock, log, emit: (event) => context.emit(event) });
    this.sender = new Sender({ baileys, line, store, timers, lookup, media, clock, log, notices: this.#notices });
    this.changes = new ChangeDesk({ line, sender: this.sender, lookup, random });
    this.presence = new PresenceDesk({ line, clock, lookup, log, emit: (event) => context.emit(event) });
  }

  start(): void {
    this.#notices.start();
    void this.#line.ended.then(() => this.#notices.stop());
  }

  /** Round trip of the client's own keep-alive question, in ms. */
  async probe(): Promise<number> {
    const { clock } = this.#context;
    const startedAt = clock.monotonic();
    const ping = { tag: 'iq', attrs: { to: SERVER, type: 'get', xmlns: 'w:p' }, content: [{ tag: 'ping', attrs: {} }] };
    const failed = (cause?: unknown): SendError =>
      new SendError('send_timeout', { certainty: 'not_sent', retryable: true, cause });
    try {
      const answer: unknown = await withDeadline(clock, PROBE_TIMEOUT_MS, this.#line.sock.query(ping), failed);
      if (answer === undefined) throw failed(); // Baileys' way of saying that nobody answered
    } catch (error) {
      throw error instanceof SendError ? error : failed(error);
    }
    return clock.monotonic() - startedAt;
  }

  /** See CanarySession. */
  async sendCanary(token: string): Promise<void> {
    const { baileys, inbox } = this.#parts;
    await sendCanary(token, { baileys, line: this.#line, book: inbox.canaries });
  }

  vitals(): SessionVitals {
    const { silentForMs, pushes } = this.#line;
    return { silentForMs, pushes, oldestPendingMs: this.#parts.inbox.oldestPendingMs() };
  }

  /** Removes this device from the account. Resolves when the server took it, or rejects. */
  async unlink(): Promise<void> {
    const jid = this.#line.sock.authState.creds.me?.id ?? '';
    const removal = { tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } };
    const answered = this.#line.sock.query({
      tag: 'iq',
      attrs: { to: SERVER, type: 'set', xmlns: 'md' },
      content: [removal],
    });
    // The server may cut the line instead of answering: that too means that it took the request.
    await withDeadline(
      this.#context.clock,
      UNLINK_TIMEOUT_MS,
      Promise.race([answered, this.#line.ended]).then(() => undefined),
      () => new Error('no answer to the request to unlink'),
    );
  }
}
