import type { Clock } from '../../../src/core/clock.ts';

/** Methods of the Bot API that are used, as core.telegram.org/bots/api names them. */
export type BotMethod =
  | 'getMe'
  | 'getUpdates'
  | 'getFile'
  | 'sendMessage'
  | 'sendPhoto'
  | 'sendVideo'
  | 'sendAnimation'
  | 'sendVideoNote'
  | 'sendVoice'
  | 'sendAudio'
  | 'sendDocument'
  | 'sendSticker'
  | 'sendMediaGroup'
  | 'sendLocation'
  | 'sendVenue'
  | 'sendContact'
  | 'sendPoll'
  | 'sendChatAction'
  | 'setMessageReaction'
  | 'editMessageText'
  | 'editMessageCaption'
  | 'deleteMessage'
  | 'deleteMessages'
  | 'answerCallbackQuery';

/** Named as the Bot API names them. An `OutgoingFile` may stand at the top, or as the `media` of an item of a list. */
export type BotPayload = Readonly<Record<string, unknown>>;

/** A file that travels with a call. `open` is called when its bytes are due; it may be called once. */
export class OutgoingFile {
  readonly name: string;
  readonly open: () => AsyncIterable<Uint8Array>;

  constructor(name: string, open: () => AsyncIterable<Uint8Array>) {
    this.name = name;
    this.open = open;
  }
}

export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The Bot API with one bot's token, over whichever library. Fails with `BotRefused` and `BotLost` only, which hold no token. */
export interface BotApi {
  /** When the server was last heard, over whichever line; monotonic. Undefined before that. */
  readonly heardAt: number | undefined;
  /** Resolves with the `result` of the answer, which nobody has looked at yet. */
  call(method: BotMethod, payload: BotPayload, options: CallOptions): Promise<unknown>;
  /** The bytes of a file, by the `file_path` that `getFile` told. */
  download(filePath: string, options: { readonly signal: AbortSignal }): AsyncIterable<Uint8Array>;
  /** Cuts all lines; calls under way are lost, later ones too. */
  close(): void;
}

/** `root`: address of the server, without a slash at its end. Does no I/O. */
export type CreateBotApi = (options: {
  readonly token: string;
  readonly root: string;
  readonly clock: Clock;
}) => BotApi;

/** The server answered, and said no. */
export class BotRefused extends Error {
  readonly method: string;
  /** As HTTP counts them; 0 where the server gave none. */
  readonly code: number;
  /** In English, e.g. `Bad Request: chat not found`. Names no person. */
  readonly description: string;
  readonly retryAfterMs: number | undefined;
  /** The supergroup that the addressed group has become. */
  readonly migratedTo: number | undefined;

  constructor(facts: {
    method: string;
    code: number;
    description: string;
    retryAfterMs?: number | undefined;
    migratedTo?: number | undefined;
  }) {
    super(`${facts.method}: ${facts.code} ${facts.description}`);
    this.name = 'BotRefused';
    this.method = facts.method;
    this.code = facts.code;
    this.description = facts.description;
    this.retryAfterMs = facts.retryAfterMs;
    this.migratedTo = facts.migratedTo;
  }
}

/**
 * No answer came. `unreachable`: no line could be opened, so that the server has heard nothing. `source`: a file of ours could not be read
 * to its end, and the server was left with half a request. `broken`, `late` and `aborted`: nobody knows what the server did.
 */
export type LossReason = 'unreachable' | 'source' | 'broken' | 'late' | 'aborted';

export class BotLost extends Error {
  readonly method: string;
  readonly reason: LossReason;
  /** Of the operating system, e.g. `ECONNRESET`. */
  readonly systemCode: string | undefined;

  /** `cause`: why a file could not be read. Never an error of the library: those have the token in them. */
  constructor(facts: { method: string; reason: LossReason; systemCode?: string | undefined; cause?: unknown }) {
    super(`${facts.method}: ${facts.reason}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'BotLost';
    this.method = facts.method;
    this.reason = facts.reason;
    this.systemCode = facts.systemCode;
  }
}
