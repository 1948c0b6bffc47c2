import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';

const compress = promisify(deflate);
const KEY_ID_BYTES = 6;
const KEY_BYTES = 32;

/** A key with which the devices of an account encrypt their shared settings. */
export interface AppStateKey {
  readonly id: Uint8Array;
  readonly data: Uint8Array;
  readonly createdAtMs: number;
}

export function makeAppStateKey(nowMs: number): AppStateKey {
  return {
    id: new Uint8Array(randomBytes(KEY_ID_BYTES)),
    data: new Uint8Array(randomBytes(KEY_BYTES)),
    createdAtMs: nowMs,
  };
}

/** The first thing a phone tells a new companion. */
export function toKeyShare(key: AppStateKey): proto.IMessage {
  return {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
      appStateSyncKeyShare: {
        keys: [
          {
            keyId: { keyId: key.id },
            keyData: {
              keyData: key.data,
              fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0] },
              timestamp: key.createdAtMs,
            },
          },
        ],
      },
    },
  };
}

/** The second: what was said before the companion was there, inside the message itself. */
export async function toHistoryNotification(
  history: Pick<proto.IHistorySync, 'conversations' | 'pushnames' | 'phoneNumberToLidMappings'>,
  syncType: proto.HistorySync.HistorySyncType,
): Promise<proto.IMessage> {
  const bytes = proto.HistorySync.encode({ ...history, syncType, chunkOrder: 1, progress: 100 }).finish();
  return {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: {
        syncType: toNotificationType(syncType),
        chunkOrder: 1,
        progress: 100,
        initialHistBootstrapInlinePayload: await compress(bytes),
      },
    },
  };
}

/** The same list of types exists twice in the protocol. */
function toNotificationType(type: proto.HistorySync.HistorySyncType): proto.Message.HistorySyncType {
  return type === proto.HistorySync.HistorySyncType.PUSH_NAME
    ? proto.Message.HistorySyncType.PUSH_NAME
    : proto.Message.HistorySyncType.INITIAL_BOOTSTRAP;
}

/** A phone's answer to a companion that asked for messages which it could not read; nothing stands for what the phone does not have. */
export function toPlaceholderAnswer(
  requestId: string,
  messages: readonly (proto.IWebMessageInfo | undefined)[],
): proto.IMessage {
  return {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: {
        peerDataOperationRequestType: proto.Message.PeerDataOperationRequestType.PLACEHOLDER_MESSAGE_RESEND,
        stanzaId: requestId,
        peerDataOperationResult: messages.map((message) => ({
          placeholderMessageResendResponse:
            message === undefined ? {} : { webMessageInfoBytes: proto.WebMessageInfo.encode(message).finish() },
        })),
      },
    },
  };
}
