import type { Capabilities } from '../../src/connector-api/index.ts';
import type { AccountKind } from './stored-account.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 60 * 60 * 1000;

/** Telegram counts characters, and refuses a longer text with MESSAGE_TOO_LONG. UTF-16 units are never fewer. */
const MAX_TEXT_LENGTH = 4_096;
/** What accounts without Premium, and bots, may write under a file. */
const MAX_CAPTION_LENGTH = 1_024;
/** What one `messages.sendMultiMedia` takes. */
const MAX_ALBUM = 10;
/** Telegram makes a photo of nothing larger; the same picture goes as a file. */
const MAX_PHOTO_BYTES = 10 * MIB;
/** 4000 parts of 512 KiB, the limit of accounts without Premium. */
const MAX_FILE_BYTES = 2_000 * MIB;
/** What the Bot API takes for uploads of any kind but photos. */
const MAX_BOT_FILE_BYTES = 50 * MIB;
/** Notes are a minute or some; recorded on a phone they are far below this. */
const MAX_NOTE_BYTES = 50 * MIB;
/** Static stickers; animated ones are smaller. */
const MAX_STICKER_BYTES = 512 * 1024;
/** Rows of eight, a hundred in all, is where Telegram stops showing inline keyboards. */
const MAX_BUTTONS = 100;
const EDIT_WINDOW_MS = 48 * HOUR_MS;
/** The Bot API deletes nothing older. */
const BOT_DELETE_WINDOW_MS = 48 * HOUR_MS;
/** Accounts delete for everyone without a limit; no message of a guest is older than this. */
const NO_LIMIT_MS = 100 * 365 * 24 * HOUR_MS;

const user: Capabilities = {
  maxTextLength: MAX_TEXT_LENGTH,
  maxCaptionLength: MAX_CAPTION_LENGTH,
  attachments: {
    image: { maxBytes: MAX_PHOTO_BYTES },
    video: { maxBytes: MAX_FILE_BYTES },
    video_note: { maxBytes: MAX_NOTE_BYTES },
    voice: { maxBytes: MAX_NOTE_BYTES },
    audio: { maxBytes: MAX_FILE_BYTES },
    file: { maxBytes: MAX_FILE_BYTES },
    sticker: { maxBytes: MAX_STICKER_BYTES },
  },
  maxAttachments: MAX_ALBUM,
  albumKinds: [['image', 'video'], ['audio'], ['file']],
  entities: true,
  maxButtons: 0, // only bots have buttons
  reply: true,
  location: true,
  contacts: true,
  poll: true,
  forwards: true,
  react: true,
  editWindowMs: EDIT_WINDOW_MS,
  deleteWindowMs: NO_LIMIT_MS,
  typing: true,
  readMarks: true,
};

const bot: Capabilities = {
  ...user,
  attachments: {
    ...user.attachments,
    video: { maxBytes: MAX_BOT_FILE_BYTES },
    audio: { maxBytes: MAX_BOT_FILE_BYTES },
    file: { maxBytes: MAX_BOT_FILE_BYTES },
  },
  maxButtons: MAX_BUTTONS,
  pollVotes: true, // the creator of a poll is told all votes if it is a bot, else the latest few
  deleteWindowMs: BOT_DELETE_WINDOW_MS,
  readMarks: false,
};

/** Telegram lets people send polls to groups, to channels and to bots, not to one another. */
const userDirect: Capabilities = { ...user, poll: false };

/** What both kinds can do, for who asks before an account is known. */
const either: Capabilities = { ...bot, maxButtons: 0, pollVotes: false };
const eitherDirect: Capabilities = { ...either, poll: false };

/** What a single group forbids, its admins decide, and the send tells. */
export function capabilitiesOf(kind: 'direct' | 'group', accountKind: AccountKind | undefined): Capabilities {
  const isDirect = kind === 'direct';
  switch (accountKind) {
    case 'user':
      return isDirect ? userDirect : user;
    case 'bot':
      return bot;
    case undefined:
      return isDirect ? eitherDirect : either;
  }
}
