import type { proto } from '@whiskeysockets/baileys';
import type { SessionVault } from '../../src/connector-api/index.ts';
import { contextOf, unwrapMessage } from './map-content.ts';

const NAMESPACE = 'whatsapp.chat-timer';
/** proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING: somebody changed the timer. */
const EPHEMERAL_SETTING = 3;

/**
 * After how long the messages of a direct chat disappear. Every client repeats the chat's timer in each message; one that
 * does not would leave its answers standing where the guest's words are gone. Groups tell theirs with their metadata.
 */
export class ChatTimers {
  readonly #vault: SessionVault;

  constructor(deps: { vault: SessionVault }) {
    this.#vault = deps.vault;
  }

  /** Seconds; undefined where messages stay. `user` is the guest's jid without server, of either kind. */
  secondsOf(user: string): number | undefined {
    const stored = this.#vault.secrets.get(NAMESPACE, user);
    return stored === undefined ? undefined : Number(Buffer.from(stored).toString());
  }

  /** Takes the timer from a message that came with the chat. */
  learn(users: readonly string[], message: proto.IMessage): void {
    const seconds = timerIn(message);
    if (seconds === undefined) return;
    for (const user of users) {
      if (seconds === (this.secondsOf(user) ?? 0)) continue;
      if (seconds === 0) this.#vault.secrets.delete(NAMESPACE, user);
      else this.#vault.secrets.set(NAMESPACE, user, Buffer.from(String(seconds)));
    }
  }
}

/** 0 where the message says that it stays; undefined where it says nothing about it, as reactions do. */
function timerIn(message: proto.IMessage): number | undefined {
  const inner = unwrapMessage(message);
  if (inner === undefined) return undefined;
  const { protocolMessage: change } = inner;
  if (change) {
    const kind: number | null | undefined = change.type;
    return kind === EPHEMERAL_SETTING ? (change.ephemeralExpiration ?? 0) : undefined;
  }
  if (typeof inner.conversation === 'string') return 0; // a bare text has no room for a timer
  const context = contextOf(inner);
  return context === undefined ? undefined : (context.expiration ?? 0);
}
