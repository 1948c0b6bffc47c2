import type { AnyMessageContent, BinaryNode, proto, WAMessage } from '@whiskeysockets/baileys';
import type { MediaPort, OutboundMessage, SendResult } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { isRecord } from '../../src/core/json.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { AddressLookup } from './address-lookup.ts';
import type { Baileys } from './baileys.ts';
import type { ChatTimers } from './chat-timers.ts';
import { destinationOf } from './chats.ts';
import { bareJid, parseJid } from './ids.ts';
import type { NewChatNotices } from './new-chat-notices.ts';
import { NO_NEW_CHATS, withEndOfLimit } from './new-chats.ts';
import { stanzaNodes, toBaileysContent, toQuoted } from './outbound-content.ts';
import type { OutboundStore } from './outbound-store.ts';
import type { Line } from './socket.ts';

/** For the largest files on a slow line; the upload is tried again by the daemon, not here. */
const UPLOAD_TIMEOUT_MS = 10 * 60_000;
/** Boom's code for a line that was closed before anything was written. */
const CONNECTION_CLOSED = 428;
const TIMED_OUT = 408;

export interface SenderDeps {
  readonly baileys: Baileys;
  readonly line: Line;
  readonly store: OutboundStore;
  readonly timers: ChatTimers;
  readonly lookup: AddressLookup;
  readonly media: MediaPort;
  readonly clock: Clock;
  readonly log: Logger;
  readonly notices: Pick<NewChatNotices, 'quotaTold'>;
}

/** A stanza to send: who gets it, under which id, with what around it. */
interface Parcel {
  readonly jid: string;
  readonly networkId: string;
  readonly attributes: Record<string, string>;
  readonly nodes: BinaryNode[];
  /** Asks the network anew for devices and members: what is remembered may be why the first attempt failed. */
  readonly isRepeated: boolean;
}

/** Sends over one connection. Every method rejects with a SendError only. */
export class Sender {
  readonly #deps: SenderDeps;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /** One message of the daemon, under the id that the daemon chose. Resolves at the server's acknowledgement. */
  async send(message: OutboundMessage, signal: AbortSignal): Promise<SendResult> {
    const jid = destinationOf(message.chat);
    if (jid === undefined) throw new SendError('recipient_unknown', { certainty: 'not_sent', retryable: false });
    const content = await untilAborted(signal, this.#ready(jid, message));
    const parcel = {
      jid,
      networkId: message.networkId,
      attributes: {},
      nodes: stanzaNodes(message),
      isRepeated: message.attempt > 1,
    };
    return this.#relay(parcel, content, signal);
  }

  /** Everything before the first byte of the message: the recipient exists, files are uploaded, the content is kept. */
  async #ready(jid: string, message: OutboundMessage): Promise<proto.IMessage> {
    try {
      await this.#requireRecipient(jid);
      return await this.#prepare(jid, message);
    } catch (cause) {
      if (cause instanceof SendError) throw cause;
      throw new SendError('internal_error', { certainty: 'not_sent', retryable: true, cause });
    }
  }

  /** A reaction, an edit or a deletion: content that the library words, under a fresh id. */
  async sendChange(
    jid: string,
    networkId: string,
    content: AnyMessageContent,
    attributes: Record<string, string> = {},
  ): Promise<void> {
    const message = await this.#word(jid, networkId, content, {});
    await this.#relay({ jid, networkId, attributes, nodes: [], isRepeated: false }, message, undefined);
  }

  async #prepare(jid: string, message: OutboundMessage): Promise<proto.IMessage> {
    const { baileys, store, media } = this.#deps;
    // The second attempt says exactly what the first one said, and uploads no file twice.
    const earlier = message.attempt > 1 ? store.sent(message.networkId) : undefined;
    if (earlier !== undefined) return baileys.proto.Message.decode(earlier);
    const quoted = toQuoted(message, {
      chatJid: jid,
      ownJid: this.#ownJid(jid),
      memberJid: (member) => this.#deps.lookup.memberJid(jid, member),
    });
    const timer = this.#deps.timers.secondsOf(parseJid(jid)?.user ?? '');
    const worded = await this.#word(jid, message.networkId, toBaileysContent(message, media), {
      ...(quoted === undefined ? {} : { quoted }),
      ...(timer === undefined ? {} : { ephemeralExpiration: timer }),
    });
    store.keep(message.networkId, baileys.proto.Message.encode(worded).finish());
    return worded;
  }

  async #word(
    jid: string,
    messageId: string,
    content: AnyMessageContent,
    extras: { readonly quoted?: WAMessage; readonly ephemeralExpiration?: number },
  ): Promise<proto.IMessage> {
    const { baileys, line, clock } = this.#deps;
    try {
      const full = await baileys.generateWAMessage(jid, content, {
        userJid: this.#ownJid(jid),
        upload: line.sock.waUploadToServer,
        mediaUploadTimeoutMs: UPLOAD_TIMEOUT_MS,
        messageId,
        timestamp: new Date(clock.now()),
        logger: line.logger,
        ...extras,
      });
      if (full.message) return full.message;
    } catch (cause) {
      throw toPreparationError(cause, line.isOver);
    }
    throw new SendError('unsupported_content', { certainty: 'not_sent', retryable: false });
  }

  /** The account as this chat names it: a quote of one's own words carries it. */
  #ownJid(chatJid: string): string {
    const own = bareJid(this.#deps.line.sock.authState.creds.me?.id) ?? '';
    return parseJid(chatJid)?.kind === 'group' ? this.#deps.lookup.memberJid(chatJid, own) : own;
  }

  async #relay(parcel: Parcel, message: proto.IMessage, signal: AbortSignal | undefined): Promise<SendResult> {
    const { line } = this.#deps;
    const { jid, networkId } = parcel;
    const ack = line.acks.expect(networkId, signal);
    const relayed = line.sock.relayMessage(jid, message, {
      messageId: networkId,
      additionalAttributes: parcel.attributes,
      additionalNodes: parcel.nodes,
      useUserDevicesCache: !parcel.isRepeated,
      useCachedGroupMetadata: !parcel.isRepeated,
    });
    try {
      // The acknowledgement may overtake the promise of the write, and a dead line may leave that one pending for ever.
      const acceptedAt = await Promise.race([ack.arrived, relayed.then(() => ack.arrived, failRelay)]);
      return { networkId, acceptedAt };
    } catch (error) {
      const isLimit = error instanceof SendError && error.nativeCode === NO_NEW_CHATS;
      throw isLimit ? await withEndOfLimit(error, { ...this.#deps, sock: line.sock }) : error;
    } finally {
      ack.cancel();
    }
  }

  /** Asks the network once whether a new number has an account; a number that wrote to us has one. */
  async #requireRecipient(jid: string): Promise<void> {
    const { store, line, log } = this.#deps;
    const to = parseJid(jid);
    if (to?.kind !== 'phone' || store.knows(to.user)) return;
    try {
      const found = await line.sock.onWhatsApp(jid);
      if (found === undefined) return; // no answer: the send itself will tell
      if (!found.some((entry) => entry.exists)) {
        throw new SendError('recipient_unknown', { certainty: 'not_sent', retryable: false });
      }
      store.know(to.user);
    } catch (error) {
      if (error instanceof SendError) throw error;
      if (line.isOver) throw new SendError('session_down', { certainty: 'not_sent', retryable: true, cause: error });
      log.warn('could not ask whether a number has an account', { error: error instanceof Error ? error : undefined });
    }
  }
}

/** The work itself goes on, but nothing comes of it: what is written to the guest is decided after it. */
function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new SendError('send_timeout', { certainty: 'not_sent', retryable: true }));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function statusOf(error: unknown): number | undefined {
  const output = isRecord(error) && isRecord(error['output']) ? error['output'] : {};
  return typeof output['statusCode'] === 'number' ? output['statusCode'] : undefined;
}

/** Nothing was written yet, whatever happened: files are read and uploaded here. */
function toPreparationError(cause: unknown, isLineOver: boolean): SendError {
  const facts = { certainty: 'not_sent', retryable: true, cause } as const;
  if (isRecord(cause) && cause['code'] === 'ENOENT') return new SendError('media_gone', { ...facts, retryable: false });
  return new SendError(isLineOver ? 'session_down' : 'media_transfer_failed', facts);
}

/** Relaying fails before the message is written (sessions, encryption), except when the write itself got stuck. */
function failRelay(cause: unknown): never {
  const status = statusOf(cause);
  if (status === CONNECTION_CLOSED) {
    throw new SendError('session_down', { certainty: 'not_sent', retryable: true, cause });
  }
  if (status === TIMED_OUT) throw new SendError('send_timeout', { certainty: 'maybe_sent', retryable: true, cause });
  throw new SendError('encryption_failed', { certainty: 'not_sent', retryable: true, cause });
}
