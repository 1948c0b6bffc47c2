/** How the network behaves where networks may; tests change it at any time. */
export interface Rules {
  /**
   * When messages come as `updateShortMessage` and `updateShortChatMessage`: to clients that were told of the people before, always
   * (then a client can meet people without their access hash), or never.
   */
  shortForms: 'known' | 'always' | 'never';
  /** What is numbered by seq comes as `updates`, or as `updatesCombined`. */
  numbered: 'updates' | 'updatesCombined';
  /** Entries of one `updates.difference`; more come as slices. */
  differenceSlice: number;
  /** Further behind than so many entries: `updates.differenceTooLong`. */
  differenceTooLong: number;
  channelSlice: number;
  channelTooLong: number;
  /** In supergroups people come as `min` users, whose access hash opens nothing. */
  minUsers: boolean;
  /** Messenger-wide the choice of reactions is small; `any` takes every emoji. */
  reactions: 'standard' | 'any';
  /** Reactions come as `updateMessageReactions`, which no difference repeats, or as an edit, which differences do. */
  reactionsAs: 'update' | 'edit';
  /** Whether the maker of a public poll is told of each vote, as bots are, or of results with the latest voters alone. */
  votes: 'results' | 'each';
  /** Wrong codes until a login has to be begun again. */
  codeTries: number;
}

export function defaultRules(): Rules {
  return {
    shortForms: 'known',
    numbered: 'updates',
    differenceSlice: 100,
    differenceTooLong: 5_000,
    channelSlice: 100,
    channelTooLong: 1_000,
    minUsers: false,
    reactions: 'standard',
    reactionsAs: 'update',
    votes: 'results',
    codeTries: 5,
  };
}

/** What everybody may react with; from the list that clients are given. */
export const standardReactions: ReadonlySet<string> = new Set(
  '👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 😈 😴 😭 🤓 👻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 😡'.split(
    ' ',
  ),
);
