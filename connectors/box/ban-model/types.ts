/** Who judges: what is odd is the same everywhere, what follows is not. */
export type PunishingNetwork = 'whatsapp' | 'telegram';

/** What can be odd about an account. */
export const signs = [
  'speed',
  'strangers',
  'same_text',
  'unanswered',
  'blocked',
  'no_typing',
  'fixed_gaps',
  'night',
  'warm_up',
] as const;
export type SignId = (typeof signs)[number];

/** A network that looks at one sign alone, or at all of them together. */
export const banVariants = [...signs, 'combined'] as const;
export type BanVariant = (typeof banVariants)[number];

/** One message as the network sees it come in. Times are epoch ms. */
export interface SeenSend {
  readonly at: number;
  /** A person or a group; any name that stays the same. */
  readonly to: string;
  readonly isGroup: boolean;
  /** The same for texts that say the same; `null` where the network cannot know. */
  readonly textKey: string | null;
  /** How long "typing…" was shown there before; 0 = not at all. */
  readonly typedMs: number;
  /** Whether what the person wrote had been marked as read; `null` where there was nothing. */
  readonly hasRead: boolean | null;
  /** Nobody has this address. */
  readonly isUndelivered: boolean;
}

/** Why. */
export interface Reading {
  readonly sign: SignId | 'combined';
  /** 1 = the limit. */
  readonly degree: number;
  /** Static words. */
  readonly clause: string;
}

/** What follows for the account; only a warning lets the message pass. Ends are epoch ms. */
export type Penalty = { readonly because: Reading } & (
  | { readonly kind: 'warning'; readonly level: 'first' | 'second' }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'no_new_chats'; readonly until: number }
  | { readonly kind: 'temporary_ban'; readonly code: number; readonly until: number }
  | { readonly kind: 'permanent_ban' }
);

/** How an account stands with its quota of new chats that nobody answered. */
export type QuotaStanding = 'free' | 'first' | 'second' | 'used_up';

/** The quota as the network counts it; epoch ms. */
export interface CountedQuota {
  readonly total: number;
  readonly used: number;
  readonly from: number;
  readonly until: number;
  readonly standing: QuotaStanding;
}

export function isBan({ kind }: Penalty): boolean {
  return kind === 'temporary_ban' || kind === 'permanent_ban';
}
