import type { Capabilities } from '../../src/connector-api/index.ts';

const MIB = 1024 * 1024;

/** The server refuses longer texts; the same figure stands in mautrix-whatsapp's `MaxTextLength`. */
const MAX_TEXT_LENGTH = 65_536;
/** What the phone's own caption field takes; a longer caption is cut on some phones. */
const MAX_CAPTION_LENGTH = 1_024;
/** What WhatsApp's help pages give for photos and voice messages sent as media. */
const MAX_PHOTO_BYTES = 16 * MIB;
/** What the apps take for films and sound in good quality; larger ones travel as documents. */
const MAX_FILM_BYTES = 100 * MIB;
/** The help pages say 2 GB for a document; mautrix-whatsapp's `WAMaxFileSize` is 2000 MiB. */
const MAX_DOCUMENT_BYTES = 2000 * MIB;
/** Animated stickers above 500 kB are refused by phones; static ones are smaller. */
const MAX_STICKER_BYTES = 500 * 1000;
/** Editing ends 15 minutes after sending (WhatsApp help, "How to edit messages"). */
const EDIT_WINDOW_MS = 15 * 60 * 1000;
/** Phones offer two days and some hours; two days is what every client grants. */
const DELETE_WINDOW_MS = 2 * 24 * 60 * 60 * 1000;

/** The same in direct chats and groups: WhatsApp makes no difference between them. */
export const whatsappCapabilities: Capabilities = {
  maxTextLength: MAX_TEXT_LENGTH,
  maxAttachments: 1, // the phones' albums are messages of their own, each with its receipt
  maxCaptionLength: MAX_CAPTION_LENGTH,
  entities: false, // marks such as *bold* are not escapable, end at each line, and count as text
  maxButtons: 0, // only business accounts may send them
  attachments: {
    image: { maxBytes: MAX_PHOTO_BYTES },
    video: { maxBytes: MAX_FILM_BYTES },
    voice: { maxBytes: MAX_PHOTO_BYTES },
    audio: { maxBytes: MAX_FILM_BYTES },
    file: { maxBytes: MAX_DOCUMENT_BYTES },
    sticker: { maxBytes: MAX_STICKER_BYTES },
  },
  reply: true,
  location: true,
  contacts: true,
  poll: true,
  forwards: true,
  react: true,
  editWindowMs: EDIT_WINDOW_MS,
  deleteWindowMs: DELETE_WINDOW_MS,
  typing: true,
  readMarks: true,
};
