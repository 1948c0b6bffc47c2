import type { OutboundContent } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import { toSendError } from './limits.ts';
import type { Caller } from './line.ts';
import type { PlannedCall, PlannedPart } from './map-outbound.ts';
import { markOf, partRandomId, planCalls } from './map-outbound.ts';
import { fileNameOf, storedMedia, uploadedMedia } from './map-outbound-file.ts';
import type { MediaUpload } from './media-upload.ts';
import type { SendPart } from './outbound-store.ts';
import type { PeerBook } from './peer-book.ts';
import type { Recipient } from './recipients.ts';
import { writeEntities } from './text-entities.ts';
import type { TlObject, TlValue } from './tl.ts';
import { isObject } from './tl-fields.ts';

/** Telegram looks through the media of an album, which takes a moment for films. */
const STORE_MEDIA_TIMEOUT_MS = 60_000;
const STORE_MEDIA = 'messages.uploadMedia';

const REFUSED = { certainty: 'not_sent', retryable: false } as const;

/** A message of the network that is to go, under its random id. */
export interface NumberedPart extends SendPart {
  readonly planned: PlannedPart;
}

/** What goes with one call. */
export type NumberedCall = readonly [NumberedPart, ...NumberedPart[]];

/** The calls that say a content, each part with a random id of its own that is derived from the message's. Pure. */
export function numberCalls(message: bigint, content: OutboundContent): readonly NumberedCall[] {
  let index = 0;
  const number = (planned: PlannedPart): NumberedPart => {
    const randomId = partRandomId(message, index);
    index += 1;
    return { randomId, mark: markOf(planned), planned };
  };
  return planCalls(content).map(([first, ...rest]: PlannedCall): NumberedCall => [number(first), ...rest.map(number)]);
}

/** Words the calls that send, after bringing their files to the network. Rejects with SendErrors that are all `not_sent`. */
export class Wording {
  readonly #line: Caller;
  readonly #upload: MediaUpload;
  readonly #peers: PeerBook;

  constructor(deps: { line: Caller; upload: MediaUpload; peers: PeerBook }) {
    this.#line = deps.line;
    this.#upload = deps.upload;
    this.#peers = deps.peers;
  }

  async call(to: Recipient, parts: NumberedCall, replyTo: number | undefined, signal: AbortSignal): Promise<TlObject> {
    const [{ planned, randomId }, ...others] = parts;
    const reply = replyTo === undefined ? {} : { replyTo: { _: 'inputReplyToMessage', replyToMsgId: replyTo } };
    const head = { peer: to.input, ...reply };
    if (others.length > 0) {
      const multiMedia: TlObject[] = [];
      for (const part of parts) multiMedia.push(await this.#albumItem(to, part, signal));
      return { _: 'messages.sendMultiMedia', ...head, multiMedia };
    }
    const media = await this.#mediaOf(planned, signal);
    const words = { message: planned.text, ...this.#entitiesOf(planned), randomId };
    return media === undefined
      ? { _: 'messages.sendMessage', ...head, ...words }
      : { _: 'messages.sendMedia', ...head, media, ...words };
  }

  async #albumItem(to: Recipient, { planned, randomId }: NumberedPart, signal: AbortSignal): Promise<TlObject> {
    const media = await this.#storedMedia(to, planned, signal);
    return { _: 'inputSingleMedia', media, randomId, message: planned.text, ...this.#entitiesOf(planned) };
  }

  async #mediaOf({ file, media }: PlannedPart, signal: AbortSignal): Promise<TlObject | undefined> {
    if (file === undefined) return media;
    return uploadedMedia(file, await this.#upload.upload(file.media, fileNameOf(file), signal));
  }

  /** Albums are made of files that the network has taken as what they are. */
  async #storedMedia(to: Recipient, planned: PlannedPart, signal: AbortSignal): Promise<TlObject> {
    const uploaded = await this.#mediaOf(planned, signal);
    if (uploaded === undefined) throw new SendError('unsupported_content', REFUSED);
    const call: TlObject = { _: STORE_MEDIA, peer: to.input, media: uploaded };
    let answer: TlValue;
    try {
      answer = await this.#line.invoke(call, { timeoutMs: STORE_MEDIA_TIMEOUT_MS, signal });
    } catch (error) {
      throw toSendError(error, STORE_MEDIA);
    }
    const stored = isObject(answer) ? storedMedia(answer) : undefined;
    if (stored === undefined) throw new SendError('unsupported_content', { ...REFUSED, nativeCode: STORE_MEDIA });
    return stored;
  }

  #entitiesOf({ entities }: PlannedPart): Omit<TlObject, '_'> {
    const written = writeEntities(entities ?? [], (id) => this.#peers.inputUser(id));
    return written.length === 0 ? {} : { entities: written };
  }
}
