import type { AttachmentKind } from './content.ts';

/** What a chat can carry. What is absent cannot be done. */
export interface Capabilities {
  /** Longest text in UTF-16 code units. */
  readonly maxTextLength: number;
  /** Largest file in bytes, by kind. */
  readonly attachments: Readonly<Partial<Record<AttachmentKind, { readonly maxBytes: number }>>>;
  /** Files in one message; above 1 the channel has albums, 0 = no files at all. */
  readonly maxAttachments: number;
  /** Kinds that may stand together in an album, in groups; absent = any may. */
  readonly albumKinds?: readonly (readonly AttachmentKind[])[];
  readonly maxCaptionLength: number;
  /** Whether formatting is shown. Where it is not, the daemon sends the text without it. */
  readonly entities: boolean;
  /** Buttons under a text; 0 = none, and a message with buttons is refused. */
  readonly maxButtons: number;
  readonly reply: boolean;
  readonly location: boolean;
  readonly contacts: boolean;
  readonly poll: boolean;
  /** Whether it is told who voted for what in the account's polls. Absent = no. */
  readonly pollVotes?: boolean;
  /** Whether it is told that a guest's words are somebody else's, passed on. Absent = no. */
  readonly forwards?: boolean;
  readonly react: boolean;
  /** How long after sending a message can be edited or deleted for everyone. */
  readonly editWindowMs?: number;
  readonly deleteWindowMs?: number;
  readonly typing: boolean;
  readonly readMarks: boolean;
}
