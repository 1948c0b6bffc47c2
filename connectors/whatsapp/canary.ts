import type { proto } from '@whiskeysockets/baileys';
import { SendError } from '../../src/connector-api/index.ts';
import type { Baileys } from './baileys.ts';
import type { CanaryBook } from './canary-book.ts';
import { idFrom } from './canary-book.ts';
import type { Line } from './socket.ts';

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
