import type { AttachmentKind } from '../../src/connector-api/index.ts';

/** Where the sealed bytes of a file lie and how to open them. Plain data, made by the mapper. */
export interface MediaSource {
  readonly kind: AttachmentKind;
  /** Which label the keys are derived under (Baileys `MEDIA_HKDF_KEY_MAPPING`). */
  readonly secretKind: 'image' | 'video' | 'audio' | 'document' | 'sticker';
  readonly mimeType: string;
  readonly filename?: string;
  readonly durationMs?: number;
  readonly width?: number;
  readonly height?: number;
  readonly url?: string;
  readonly directPath?: string;
  readonly mediaKey?: Uint8Array;
  /** Hash of the plain bytes, as the sender declared it. */
  readonly sha256?: Uint8Array;
  /** Hash of the sealed bytes, as the sender declared it. */
  readonly sealedSha256?: Uint8Array;
}
