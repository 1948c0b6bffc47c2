import { createHash } from 'node:crypto';
import type { proto } from '@whiskeysockets/baileys';
import { SendError } from '../../src/connector-api/index.ts';
import type { Baileys } from './baileys.ts';
import type { Line } from './socket.ts';

/** One is under way at a time; the others are late ones that a phone answers when it is switched on again. */
const REMEMBERED_CANARIES = 64;
const ID_PREFIX = '3EB0'; // as WhatsApp Web's own ids
const ID_HEX_DIGITS = 18;

/** The requests to the account's own phone that have not been answered yet. In memory: nobody waits for one over a restart. */
export class CanaryBook {
  readonly #tokens = new Map<string, string>();

  /** The id under which the request is to be sent. */
  expect(token: string): string {
    const id = idFrom('request', token);
    this.#tokens.set(id, token);
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= REMEMBERED_CANARIES) break;
      this.#tokens.delete(oldest);
    }
    return id;
  }

  /** The token of the request that an answer names; undefined for any other, and for a second answer. */
  take(requestId: string | null | undefined): string | undefined {
    if (requestId === null || requestId === undefined) return undefined;
    const token = this.#tokens.get(requestId);
    this.#tokens.delete(requestId);
    return token;
  }
}

/**
 * Asks the account's phone for its copy of a message that does not exist. The answer is a message of the phone: sealed, queued by the
 * server and receipted like a guest's. Resolves with the server's acknowledgement; rejects with a SendError.
 */
export async function sendCanary(
  token: string,
  { baileys, line, book }: { baileys: Baileys; line: Line; book: CanaryBook },
): Promise<void> {
  const me = baileys.jidNormalizedUser(line.sock.authState.creds.me?.id);
  const messageId = book.expect(token);
  const ack = line.acks.expect(messageId);
  try {
    await line.sock.relayMessage(me, requestFor(token, me, baileys), {
      messageId,
      additionalAttributes: { category: 'peer', push_priority: 'high_force' },
      additionalNodes: [{ tag: 'meta', attrs: { appdata: 'default' } }],
    });
    await ack.arrived;
  } catch (cause) {
    ack.cancel();
    book.take(messageId);
    if (cause instanceof SendError) throw cause;
    throw new SendError('session_down', { certainty: 'maybe_sent', retryable: true, cause });
  }
}

/** In the chat with oneself, where no id of a guest can be met. Goes around the library's own method, which waits and caches. */
function requestFor(token: string, me: string, { proto: types }: Baileys): proto.IMessage {
  const { ProtocolMessage, PeerDataOperationRequestType } = types.Message;
  return {
    protocolMessage: {
      type: ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_MESSAGE,
      peerDataOperationRequestMessage: {
        peerDataOperationRequestType: PeerDataOperationRequestType.PLACEHOLDER_MESSAGE_RESEND,
        placeholderMessageResendRequest: [
          { messageKey: { remoteJid: me, fromMe: true, id: idFrom('no message', token) } },
        ],
      },
    },
  };
}

function idFrom(purpose: string, token: string): string {
  const digest = createHash('sha256').update(`${purpose} ${token}`).digest('hex');
  return `${ID_PREFIX}${digest.slice(0, ID_HEX_DIGITS).toUpperCase()}`;
}
