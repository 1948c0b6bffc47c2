/** The account that a session is linked to. */
export interface Account {
  readonly address: string;
  readonly displayName?: string;
  /** Which kind of account, where a channel has several that can do different things, e.g. `user` or `bot`. Opaque to the daemon. */
  readonly kind?: string;
}

/** `password` and `token` are not shown while they are typed. */
export const loginFieldIds = ['code', 'password', 'phone', 'token', 'address'] as const;
export type LoginFieldId = (typeof loginFieldIds)[number];

export interface LoginField {
  readonly id: LoginFieldId;
  readonly label: string;
}

/** What is asked of the person who links an account. */
export type LoginStep =
  | {
      readonly type: 'display';
      readonly display: 'qr' | 'code';
      readonly data: string;
      readonly expiresAt: number;
      /** Where the person does something with it, in the words of the network's own app. */
      readonly label?: string;
    }
  | { readonly type: 'input'; readonly fields: readonly [LoginField, ...LoginField[]] }
  | { readonly type: 'complete'; readonly account: Account };

export interface LoginFlow {
  readonly method: string;
  /** E.164, for methods that need it. */
  readonly phone?: string;
}

/** One linking under way. Called by the host, one call at a time. */
export interface LoginProcess {
  /**
   * Resolves with the first step, then with each new one (a QR code that rotates is a new step); after `complete` it is
   * not called again. Credentials are in the vault before `complete` resolves. Rejects with a LoginError.
   */
  next(): Promise<LoginStep>;
  /** What the person typed, by field id. Resolves once the network took it; rejects with a LoginError. */
  answer(input: Readonly<Record<string, string>>): Promise<void>;
  /** Idempotent; leaves no half-made credentials behind. A pending `next` rejects with `cancelled`. */
  cancel(): Promise<void>;
}
