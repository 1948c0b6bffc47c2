/** What the pacer is told of a message that wants to go out. */
export interface SendIntent {
  readonly sessionId: string;
  readonly channel: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly textLength: number;
  readonly hasMedia: boolean;
  readonly urgency: 'very-low' | 'low' | 'normal' | 'high';
  readonly purpose: 'reply' | 'service' | 'scheduled' | 'promotional' | 'safety';
  /** How much unread text of the guest a person would read first; characters. */
  readonly unreadLength: number;
  readonly lastInboundAt: number | null;
  readonly attempt: number;
}

export type SendPlan =
  | {
      readonly do: 'send';
      /** Pause before the guest's messages are marked read; ms. */
      readonly readAfterMs: number;
      /** How long typing is shown before the message goes out; ms. */
      readonly typingForMs: number;
    }
  | { readonly do: 'defer'; readonly notBefore: number; readonly rule: string; readonly detail: string };

export interface SendRecord {
  readonly sessionId: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly sentAt: number;
  /** `limited`: the network takes nothing of its kind for a while. The outbox holds back what is closed; the pacer may slow down. */
  readonly outcome: 'sent' | 'failed' | 'unknown' | 'limited';
  readonly nativeCode: string | null;
}

/** Decides when a considerate person would send. Pure on time: what it knows comes through its arguments and `record`. */
export interface Pacer {
  /** Shown in GET /v1/sessions/:id. */
  readonly mode: string;
  plan(intent: SendIntent, now: number): SendPlan;
  /** A first guess for `estimatedSendAt`, given how many messages wait before it. */
  estimate(intent: Pick<SendIntent, 'channel' | 'textLength' | 'hasMedia'>, queuedBefore: number, now: number): number;
  record(outcome: SendRecord, now: number): void;
}
