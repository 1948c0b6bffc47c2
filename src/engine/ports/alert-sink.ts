import type { Alert } from '../model/alert.ts';

/**
 * What is said about an alert. `opened`, `updated` (a person has something else to do now), `reminder`, `closed`; `passed` when
 * it was over before anybody could be told; `test` is no alert at all.
 */
export type NoticeKind = 'opened' | 'updated' | 'reminder' | 'closed' | 'passed' | 'test';

export interface AlertNotice {
  /** The same on every attempt, another for each thing that is said. */
  readonly id: string;
  readonly kind: NoticeKind;
  /** As it was when there was something to say. */
  readonly alert: Alert;
  /** When there was something to say; epoch ms. */
  readonly at: number;
}

export type SinkAnswer =
  | { readonly delivered: true }
  /** `reason` is shown to people and logged: no address, no credentials, no URL. */
  | { readonly delivered: false; readonly reason: string };

/** What kinds of ways there are; a label of metrics. */
export const alertWayKinds = ['email', 'webhook'] as const;
export type AlertWayKind = (typeof alertWayKinds)[number];

/** How a way of telling alerts is doing. */
export interface AlertWay {
  /** `AlertSink.way`. */
  readonly id: string;
  /** For people. */
  readonly way: string;
  readonly kind: AlertWayKind;
  /** Alerts that it has not been told of yet. */
  readonly waiting: number;
  /** Since when it takes nothing; epoch ms, null while it takes what it is given. */
  readonly failingSince: number | null;
  /** Why, as with the last attempt. */
  readonly reason: string | null;
}

/** One way on which people are told, e.g. e-mail. Owned by the engine, implemented by adapters. */
export interface AlertSink {
  /** Stable over restarts as long as the configuration names the same receiver; what waits is kept under it. */
  readonly way: string;
  readonly kind: AlertWayKind;
  /** For people. */
  readonly name: string;
  /** One attempt, ended within half a minute. Never rejects. Called one at a time. */
  send(notice: AlertNotice): Promise<SinkAnswer>;
  close(): Promise<void>;
}
