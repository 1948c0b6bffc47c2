import type { TlObject } from '../../tl.ts';

/** What a file on somebody's screen is. */
export type SeenFileKind = 'photo' | 'video' | 'video_note' | 'voice' | 'audio' | 'sticker' | 'animation' | 'file';

/** What a message shows. */
export type SeenContent =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'file';
      readonly kind: SeenFileKind;
      readonly bytes: Uint8Array;
      readonly mimeType: string;
      readonly filename?: string;
      readonly caption: string;
    }
  | { readonly type: 'place'; readonly latitude: number; readonly longitude: number; readonly title?: string }
  | { readonly type: 'contact'; readonly name: string; readonly phone: string; readonly vcard: string }
  | {
      readonly type: 'poll';
      readonly question: string;
      readonly options: readonly string[];
      readonly multiple: boolean;
    }
  | { readonly type: 'service'; readonly action: string }
  | { readonly type: 'other'; readonly kind: string };

/**
 * What came to a person's phone, with ids as the desk (the account that the person speaks with) has them; in supergroups they are the
 * same for everybody. `chat`: `direct`, or the id of the group.
 */
export type SeenItem = { readonly chat: 'direct' | bigint; readonly by: bigint } & (
  | {
      readonly type: 'message';
      readonly id: number;
      readonly content: SeenContent;
      readonly entities: readonly TlObject[];
      readonly replyTo?: number;
      readonly albumId?: bigint;
      readonly isForwarded: boolean;
    }
  | { readonly type: 'edited'; readonly id: number; readonly text: string }
  | { readonly type: 'deleted'; readonly id: number }
  | { readonly type: 'reaction'; readonly id: number; readonly emoji: string }
  | { readonly type: 'vote'; readonly id: number; readonly options: readonly string[] }
  /** Read by `by`, up to this message. */
  | { readonly type: 'read'; readonly id: number }
  | { readonly type: 'typing'; readonly on: boolean }
  | { readonly type: 'status'; readonly isOnline: boolean }
);

/** `T` without some fields, for each member of a union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type SeenFacts = Without<SeenItem, 'chat' | 'by'>;
