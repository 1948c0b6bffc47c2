import type { AlertAction, AlertKind } from '../model/alert.ts';

/** What people are told of a trouble. Never a guest's number, a body or a URL. */
export interface Complaint {
  readonly code: string;
  /** What is in trouble, for people. */
  readonly name: string;
  /** In a line, with the name of what is in trouble. */
  readonly title: string;
  readonly text: string;
  readonly action: AlertAction;
  readonly remedy: string;
}

export type Health =
  /** `since`: epoch ms; null where nobody knows, which means since it is seen so. */
  | { readonly is: 'well'; readonly since: number | null }
  /** `complaint`: null where nothing new is known of the reason. No alert before it has lasted `patienceMs`. */
  | {
      readonly is: 'ill';
      readonly since: number;
      readonly complaint: Complaint | null;
      readonly patienceMs: number;
      /** The connection stands all the same: it did not break. */
      readonly isConnected?: true;
    }
  /** A person is at it, or it cannot be told: what is open stays open, nothing new begins. */
  | { readonly is: 'unclear' }
  /** The operator ended it. */
  | { readonly is: 'ended' };

/** How one thing that can be in trouble is doing now. */
export interface Observation {
  /** Stable over restarts; names subject and kind. */
  readonly key: string;
  readonly kind: AlertKind;
  readonly property: string;
  readonly channel: string | null;
  /** The channel's name for people. */
  readonly channelName: string | null;
  readonly session: string | null;
  readonly webhookId: string | null;
  readonly health: Health;
}
