import type { proto } from '@whiskeysockets/baileys';
import { contextOf, fieldsOf } from './map-content.ts';

/** Context that the model has places for, or that only says how long the message stays. */
const MAPPED_CONTEXT: ReadonlySet<string> = new Set<keyof proto.IContextInfo>([
  'stanzaId',
  'participant',
  'remoteJid',
  'expiration',
  'ephemeralSettingTimestamp',
  'ephemeralSharedSecret',
  'disappearingMode',
]);
const MAPPED_TEXT: ReadonlySet<string> = new Set<keyof proto.Message.IExtendedTextMessage>([
  'text',
  'contextInfo',
  'previewType',
]);

/**
 * Whether an unwrapped text or file holds more than the model has places for: a quote, mentions, a link's preview, where it
 * was forwarded from. Then its raw form is kept beside it. Cards and polls always do.
 */
export function saysMore(message: proto.IMessage): boolean {
  const context = contextOf(message);
  const text = message.extendedTextMessage;
  return (
    (context !== undefined && fieldsOf(context).some((name) => !MAPPED_CONTEXT.has(name))) ||
    (text !== undefined && text !== null && fieldsOf(text).some((name) => !MAPPED_TEXT.has(name)))
  );
}

/** JSON text of a protobuf message, bytes as base64; what `raw` of an inbound message holds. */
export function toRawJson(message: unknown): string {
  return JSON.stringify(message ?? {}, (_name, value: unknown) => {
    if (isSerialisedBuffer(value)) return Buffer.from(value.data).toString('base64');
    return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  });
}

/** What Buffer's own `toJSON` has made of it before the replacer sees it. */
function isSerialisedBuffer(value: unknown): value is { type: 'Buffer'; data: number[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value &&
    Array.isArray(value.data)
  );
}
