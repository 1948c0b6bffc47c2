import type { BinaryNode } from '@whiskeysockets/baileys';
import { bareJid, isSameUser } from './jid.ts';

/** A stanza that a device has not yet answered for. */
export interface Letter {
  readonly stanza: BinaryNode;
  /** When it went out on the connection that is live now (monotonic milliseconds). */
  sentAt: number | undefined;
  /** Its answer was lost on purpose. */
  excused: boolean;
  /** How often it went out on any connection. */
  deliveries: number;
}

/** What a client's `<receipt>` or `<ack>` names. */
export interface Answer {
  /** The tag of the stanza that is answered. */
  readonly tag: string;
  readonly id: string;
  readonly to: string | undefined;
  readonly participant: string | undefined;
  readonly recipient: string | undefined;
  /** Of an `<ack>`, the type of the acknowledged stanza; unused for messages. */
  readonly type: string | undefined;
}

const REMEMBERED_ANSWERS = 2_000; // enough for late second answers (read, hist_sync) of a busy session, small in memory

/** The server's queue for one device: everything stays until the device has answered for it, across connections. */
export class Mailbox {
  readonly #letters = new Set<Letter>();
  readonly #answered = new Set<string>();
  /** Message ids whose retry receipt settled them; the nack that follows on the same connection belongs to them. */
  readonly #nacksDue = new Map<string, number>();

  add(stanza: BinaryNode): Letter {
    const letter: Letter = { stanza, sentAt: undefined, excused: false, deliveries: 0 };
    this.#letters.add(letter);
    return letter;
  }

  get letters(): readonly Letter[] {
    return [...this.#letters];
  }

  /** Sent on the live connection and not answered: what the client owes. */
  owed(): readonly Letter[] {
    return this.letters.filter((letter) => letter.sentAt !== undefined);
  }

  /** The connection is gone; everything left will be delivered again on the next one. */
  disconnect(): void {
    this.#nacksDue.clear();
    for (const letter of this.#letters) letter.sentAt = undefined;
  }

  /** The client's answer for this message was lost on purpose. */
  excuse(messageId: string): void {
    for (const letter of this.#letters) {
      if (letter.stanza.attrs['id'] === messageId) letter.excused = true;
    }
  }

  take(letter: Letter): void {
    this.#letters.delete(letter);
  }

  /** `settled` removed a letter; `known` names one that was answered before; `unknown` names nothing ever delivered. */
  settle(answer: Answer): 'settled' | 'known' | 'unknown' {
    const letter = this.#find(answer);
    if (letter === undefined) return this.#answered.has(`${answer.tag} ${answer.id}`) ? 'known' : 'unknown';
    this.take(letter);
    this.#remember(`${answer.tag} ${answer.id}`);
    return 'settled';
  }

  /** Whether a sealed message of this id waits for its answer. */
  holdsSealed(messageId: string): boolean {
    return this.owed().some(
      ({ stanza }) =>
        stanza.tag === 'message' &&
        stanza.attrs['id'] === messageId &&
        Array.isArray(stanza.content) &&
        stanza.content.some(({ tag }) => tag === 'enc'),
    );
  }

  expectNack(messageId: string): void {
    this.#nacksDue.set(messageId, (this.#nacksDue.get(messageId) ?? 0) + 1);
  }

  /** True if a nack for this id was due; it then settles nothing, above all not a re-sealed copy that waits under the same id. */
  takeNack(messageId: string): boolean {
    const due = this.#nacksDue.get(messageId) ?? 0;
    if (due <= 1) this.#nacksDue.delete(messageId);
    else this.#nacksDue.set(messageId, due - 1);
    return due > 0;
  }

  #find(answer: Answer): Letter | undefined {
    for (const letter of this.#letters) {
      if (letter.sentAt !== undefined && isAnswerTo(answer, letter.stanza)) return letter;
    }
    return undefined;
  }

  /** The oldest stanza, if any. */
  get first(): Letter | undefined {
    for (const letter of this.#letters) return letter;
    return undefined;
  }

  #remember(key: string): void {
    this.#answered.add(key);
    if (this.#answered.size <= REMEMBERED_ANSWERS) return;
    for (const oldest of this.#answered) {
      this.#answered.delete(oldest);
      return;
    }
  }
}

function isAnswerTo(answer: Answer, stanza: BinaryNode): boolean {
  const { id, from, recipient, participant, type } = stanza.attrs;
  if (stanza.tag !== answer.tag || id !== answer.id) return false;
  if (stanza.tag === 'message') {
    // A receipt of type `sender` may name only the chat; others name the sender's address with or without its device.
    const named = answer.to ?? answer.recipient;
    return named === undefined || isSameUser(named, from) || isSameUser(named, recipient);
  }
  if (answer.to !== undefined && bareJid(answer.to) !== bareJid(from ?? '')) return false;
  return answer.type === type && (answer.participant === undefined || answer.participant === participant);
}
