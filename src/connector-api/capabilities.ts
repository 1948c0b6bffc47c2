import type { AttachmentKind } from './content.ts';

/** What a chat can carry. What is absent cannot be done. */
export interface Capabilities {
  /** Longest text in UTF-16 code units. */
  readonly maxTextLength: number;
  /** Largest file in bytes, by kind. */
  readonly attachments: Readonly<Partial<Record<AttachmentKind, { readonly maxBytes: number }>>>;
  readonly maxCaptionLength: number;
  readonly reply: boolean;
  readonly location: boolean;
  readonly contacts: boolean;
  readonly poll: boolean;
  readonly react: boolean;
  /** How long after sending a message can be edited or deleted for everyone. */
  readonly editWindowMs?: number;
  readonly deleteWindowMs?: number;
  readonly typing: boolean;
  readonly readMarks: boolean;
}
