/** Bytes in the content-addressed media store; the reference crosses processes, the bytes never do. */
export interface MediaRef {
  /** Lower-case hex SHA-256 of the plain bytes; also the name under which they are stored. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mimeType: string;
}

/** `video_note` is the short round film that is recorded in the chat, as `voice` is the note that is spoken there. */
export const attachmentKinds = ['image', 'video', 'video_note', 'voice', 'audio', 'file', 'sticker'] as const;
export type AttachmentKind = (typeof attachmentKinds)[number];

/** A file that came with a message. `unavailable` when its bytes could not be had; the message is kept all the same. */
export type InboundAttachment = {
  readonly kind: AttachmentKind;
  readonly filename?: string;
  readonly durationMs?: number;
  readonly width?: number;
  readonly height?: number;
} & (
  | { readonly status: 'stored'; readonly media: MediaRef }
  | { readonly status: 'unavailable'; readonly mimeType: string; readonly reason: string }
);

export interface Location {
  readonly latitude: number;
  readonly longitude: number;
  readonly name?: string;
}

export interface ContactCard {
  readonly name: string;
  readonly phones: readonly string[];
}

export interface Poll {
  readonly question: string;
  readonly options: readonly string[];
  readonly multiple: boolean;
}

export const textEntityTypes = [
  'bold',
  'italic',
  'underline',
  'strikethrough',
  'spoiler',
  'code',
  'pre',
  'quote',
  'link',
  'mention',
] as const;
export type TextEntityType = (typeof textEntityTypes)[number];

/** How a stretch of a text is shown. Stretches may nest and overlap; each lies inside its text and is not empty. */
export interface TextEntity {
  readonly type: TextEntityType;
  /** UTF-16 code units from the start of the text, as `String.prototype.slice` counts. */
  readonly offset: number;
  readonly length: number;
  /** Where a `link` leads whose text is not the address itself, or whom a `mention` means where the text does not tell. */
  readonly url?: string;
  /** Of the program in a `pre`. */
  readonly language?: string;
}

/** Something to press under a text. `id` comes back with the press, as it was given. */
export interface Button {
  readonly id: string;
  readonly label: string;
}

/** What a message says. `unsupported` keeps a place in the conversation for what the model cannot express. */
export type InboundContent =
  | { readonly type: 'text'; readonly body: string; readonly entities?: readonly TextEntity[] }
  | {
      readonly type: 'media';
      readonly body?: string;
      /** Of the body. */
      readonly entities?: readonly TextEntity[];
      readonly attachments: readonly [InboundAttachment, ...InboundAttachment[]];
    }
  | { readonly type: 'location'; readonly location: Location }
  | { readonly type: 'contacts'; readonly contacts: readonly ContactCard[] }
  | { readonly type: 'poll'; readonly poll: Poll }
  /** The guest pressed a button of the message that `replyTo` names. Each press is a message with a network id of its own. */
  | { readonly type: 'button'; readonly buttonId: string; readonly label: string }
  | { readonly type: 'unsupported'; readonly nativeKind: string };

/** A file to send. `voice` and `video_note` ask for a note where the channel knows one. */
export interface OutboundAttachment {
  readonly kind: AttachmentKind;
  readonly media: MediaRef;
  readonly filename?: string;
}

/** Only what the chat's `Capabilities` allow: the daemon has dropped `entities` where they are not shown, and refused the rest. */
export type OutboundContent =
  | {
      readonly type: 'text';
      readonly body: string;
      readonly entities?: readonly TextEntity[];
      readonly buttons?: readonly [Button, ...Button[]];
    }
  | {
      readonly type: 'media';
      /** One caption for all files. */
      readonly body?: string;
      readonly entities?: readonly TextEntity[];
      /** More than one is an album: one message to the guest, under one network id. */
      readonly attachments: readonly [OutboundAttachment, ...OutboundAttachment[]];
    }
  | { readonly type: 'location'; readonly location: Location }
  | { readonly type: 'contacts'; readonly contacts: readonly ContactCard[] }
  | { readonly type: 'poll'; readonly poll: Poll };
