const NOT_ALLOWED = 'The group does not let this account write such a thing there. Its administrators can change that.';
const NOT_IN_GROUP = 'This account is not in that group, or there is none of that id.';
const NOT_OPEN = 'The guest does not let strangers write. They have to write first, or be reached in another way.';
const NO_PHOTO = 'Telegram could not make a photo of this picture. Send it as a file.';

/** What a person is told of refusals that say more than "no". By the word of the error, without its value. */
export const refusalWords: ReadonlyMap<string, string> = new Map([
  ['USER_IS_BLOCKED', 'The guest has blocked this account. Reach them in another way.'],
  ['YOU_BLOCKED_USER', 'This account has blocked the guest. Unblock them in the app on the phone.'],
  ['USER_PRIVACY_RESTRICTED', NOT_OPEN],
  ['PRIVACY_PREMIUM_REQUIRED', NOT_OPEN],
  ['ALLOW_PAYMENT_REQUIRED', 'The guest wants to be paid for messages of strangers. They have to write first.'],
  ['INPUT_USER_DEACTIVATED', 'The guest has deleted their account.'],
  ['USERNAME_NOT_OCCUPIED', 'Nobody has this @name. Names change hands: ask the guest for theirs.'],
  ['USERNAME_INVALID', 'Nobody can have this @name.'],
  ['PHONE_NOT_OCCUPIED', 'Nobody has this number on Telegram, or does not let themselves be found by it.'],
  ['PEER_ID_INVALID', NOT_IN_GROUP],
  ['CHAT_ID_INVALID', NOT_IN_GROUP],
  ['CHANNEL_INVALID', NOT_IN_GROUP],
  ['CHANNEL_PRIVATE', NOT_IN_GROUP],
  ['CHAT_WRITE_FORBIDDEN', NOT_ALLOWED],
  ['CHAT_ADMIN_REQUIRED', NOT_ALLOWED],
  ['CHAT_RESTRICTED', NOT_ALLOWED],
  ['CHAT_SEND_PLAIN_FORBIDDEN', NOT_ALLOWED],
  ['CHAT_SEND_MEDIA_FORBIDDEN', NOT_ALLOWED],
  ['CHAT_SEND_PHOTOS_FORBIDDEN', NOT_ALLOWED],
  ['CHAT_SEND_VIDEOS_FORBIDDEN', NOT_ALLOWED],
  ['CHAT_SEND_DOCS_FORBIDDEN', NOT_ALLOWED],
  ['CHAT_SEND_POLL_FORBIDDEN', NOT_ALLOWED],
  [
    'USER_BANNED_IN_CHANNEL',
    'This account may not write in groups for now. The app on the phone may say more (@SpamBot).',
  ],
  ['REACTION_INVALID', 'Telegram knows no such reaction, or this chat does not allow it.'],
  ['REACTIONS_TOO_MANY', 'This message carries as many different reactions as it can.'],
  ['MESSAGE_ID_INVALID', 'The message is not there any more.'],
  ['MESSAGE_EDIT_TIME_EXPIRED', 'It is too late to edit this message.'],
  ['MESSAGE_DELETE_FORBIDDEN', 'This message cannot be deleted for everyone.'],
  ['REPLY_MESSAGE_ID_INVALID', 'The message that is quoted is not there any more.'],
  ['PHOTO_INVALID_DIMENSIONS', NO_PHOTO],
  ['PHOTO_SAVE_FILE_INVALID', NO_PHOTO],
  ['IMAGE_PROCESS_FAILED', NO_PHOTO],
]);
