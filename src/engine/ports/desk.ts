import type { DueMessage } from './store/index.ts';

/** What a session does next with its queue. */
export type DeskStep =
  /** Nothing for so long, unless something wakes it. */
  | { readonly do: 'wait'; readonly ms: number }
  | {
      readonly do: 'send';
      readonly due: DueMessage;
      /** From the read mark to the first key; ms. */
      readonly thinkForMs: number;
      /** How long typing is shown before the message goes out; ms. */
      readonly typeForMs: number;
    };

/** Where a session that is online gets its next message from. */
export interface Desk {
  next(): Promise<DeskStep>;
  /** What `next` handed out has been sent, or will not be. */
  done(): void;
  /** The session is offline. */
  leave(): void;
}
