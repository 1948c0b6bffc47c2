import type { AttachmentKind } from '../connector-api/index.ts';

/** Pictures that every messenger shows as such; others travel as files. */
const SHOWN_PICTURES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
const SHOWN_FILMS: ReadonlySet<string> = new Set(['video/mp4', 'video/3gpp', 'video/quicktime']);

/** How a file is sent, from its type. `undefined` when a note was asked for and the file holds no sound, or no film. Pure. */
export function attachmentKindOf(mimeType: string, note?: 'voice' | 'video_note'): AttachmentKind | undefined {
  const [essence = ''] = mimeType.split(';');
  const type = essence.trim().toLowerCase();
  if (note === 'video_note') return SHOWN_FILMS.has(type) ? 'video_note' : undefined;
  if (note === 'voice') return type.startsWith('audio/') ? 'voice' : undefined;
  if (SHOWN_PICTURES.has(type)) return 'image';
  if (SHOWN_FILMS.has(type)) return 'video';
  return type.startsWith('audio/') ? 'audio' : 'file';
}
