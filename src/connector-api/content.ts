/** Bytes in the content-addressed media store; the reference crosses processes, the bytes never do. */
export interface MediaRef {
  /** Lower-case hex SHA-256 of the plain bytes; also the name under which they are stored. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mimeType: string;
}

export const attachmentKinds = ['image', 'video', 'voice', 'audio', 'file', 'sticker'] as const;
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

/** What a message says. `unsupported` keeps a place in the conversation for what the model cannot express. */
export type InboundContent =
  | { readonly type: 'text'; readonly body: string }
  | {
      readonly type: 'media';
      readonly body?: string;
      readonly attachments: readonly [InboundAttachment, ...InboundAttachment[]];
    }
  | { readonly type: 'location'; readonly location: Location }
  | { readonly type: 'contacts'; readonly contacts: readonly ContactCard[] }
  | { readonly type: 'poll'; readonly poll: Poll }
  | { readonly type: 'unsupported'; readonly nativeKind: string };

/** A file to send. `voice` asks for a voice note where the channel knows one. */
export interface OutboundAttachment {
  readonly kind: AttachmentKind;
  readonly media: MediaRef;
  readonly filename?: string;
}

export type OutboundContent =
  | { readonly type: 'text'; readonly body: string }
  | { readonly type: 'media'; readonly body?: string; readonly attachment: OutboundAttachment }
  | { readonly type: 'location'; readonly location: Location }
  | { readonly type: 'contacts'; readonly contacts: readonly ContactCard[] }
  | { readonly type: 'poll'; readonly poll: Poll };
