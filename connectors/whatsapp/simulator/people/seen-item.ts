/** What a person makes of a message's content. Media bytes are decrypted and checked against every hash in the message. */
export type SeenContent =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'image' | 'video' | 'video_note' | 'voice' | 'audio' | 'file' | 'sticker';
      readonly mimeType: string;
      readonly bytes: Uint8Array;
      readonly fileName?: string;
      readonly caption?: string;
    }
  | { readonly kind: 'broken_media'; readonly media: string; readonly reason: string }
  | { readonly kind: 'location'; readonly latitude: number; readonly longitude: number; readonly name?: string }
  | { readonly kind: 'contact'; readonly name: string; readonly vcard: string }
  | { readonly kind: 'poll'; readonly question: string; readonly options: readonly string[] }
  | { readonly kind: 'reaction'; readonly emoji: string; readonly targetId: string }
  | { readonly kind: 'edit'; readonly text: string; readonly targetId: string }
  | { readonly kind: 'delete'; readonly targetId: string }
  | { readonly kind: 'other'; readonly field: string };

/** One thing that a person saw; user addresses are LID style without a device. */
export type SeenItem =
  | {
      readonly type: 'message';
      readonly at: number;
      readonly chat: string;
      readonly author: string;
      readonly fromMe: boolean;
      readonly id: string;
      readonly content: SeenContent;
      readonly quotedId?: string;
      /** Equal for equal content, whatever the message's id. */
      readonly fingerprint: string;
    }
  | {
      readonly type: 'receipt';
      readonly at: number;
      readonly chat: string;
      readonly by: string;
      readonly mark: string;
      readonly ids: readonly string[];
    }
  | {
      readonly type: 'chat_state';
      readonly at: number;
      readonly chat: string;
      readonly by: string;
      readonly state: 'composing' | 'recording' | 'paused' | 'available' | 'unavailable';
    }
  | {
      readonly type: 'unreadable';
      readonly at: number;
      readonly chat: string;
      readonly author: string;
      readonly id: string;
    };
