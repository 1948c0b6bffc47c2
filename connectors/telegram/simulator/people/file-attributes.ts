import type { TlObject } from '../../tl.ts';
import type { SeenFileKind } from './seen-item.ts';

/** What a person sends as a file. */
export interface SaidFile {
  readonly kind: SeenFileKind;
  readonly bytes: Uint8Array;
  readonly mimeType: string;
  readonly filename?: string;
  readonly caption?: string;
  readonly durationSeconds?: number;
}

const SIDE = 64;
const PHOTO_SIDE = 800; // larger than the small size that every photo has
const SECONDS = 3;

/** The attributes that a phone gives a file of this kind. */
export function attributesOf({ kind, filename, durationSeconds = SECONDS }: SaidFile): readonly TlObject[] {
  const name = filename === undefined ? [] : [{ _: 'documentAttributeFilename', fileName: filename }];
  const size = { w: SIDE, h: SIDE };
  const video = { _: 'documentAttributeVideo', duration: durationSeconds, ...size };
  switch (kind) {
    case 'photo':
      return [{ _: 'documentAttributeImageSize', w: PHOTO_SIDE, h: PHOTO_SIDE }];
    case 'video':
      return [{ ...video, supportsStreaming: true }, ...name];
    case 'video_note':
      return [{ ...video, roundMessage: true }, ...name];
    case 'animation':
      return [{ ...video, nosound: true }, { _: 'documentAttributeAnimated' }, ...name];
    case 'voice':
      return [
        { _: 'documentAttributeAudio', voice: true, duration: durationSeconds, waveform: new Uint8Array(8) },
        ...name,
      ];
    case 'audio':
      return [
        { _: 'documentAttributeAudio', duration: durationSeconds, title: 'Tune', performer: 'Somebody' },
        ...name,
      ];
    case 'sticker':
      return [
        { _: 'documentAttributeImageSize', ...size },
        { _: 'documentAttributeSticker', alt: '🙂', stickerset: { _: 'inputStickerSetEmpty' } },
        ...name,
      ];
    case 'file':
      return name;
  }
}
