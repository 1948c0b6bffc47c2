import { createHash } from 'node:crypto';
import { toTimestamp } from '../core/clock.ts';
import type { AlertNotice, AlertSink, SinkAnswer } from '../engine/ports/index.ts';
import { headline, plainText } from './notice-text.ts';

/** One signed POST, behind the same guard as every webhook. Resolves with what came of it; never rejects. */
export type SignedPost = (job: {
  readonly url: string;
  readonly secret: string;
  /** `webhook-id`. */
  readonly eventId: string;
  readonly body: string;
}) => Promise<
  | { readonly type: 'answered'; readonly status: number }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'blocked' }
>;

const WAY_DIGITS = 12;

/** Tells alerts as JSON to one endpoint, signed as every webhook of the product. */
export class WebhookAlertSink implements AlertSink {
  readonly way: string;
  readonly kind = 'webhook';
  readonly name: string;
  readonly #deps: { readonly url: string; readonly secret: string; readonly post: SignedPost };

  constructor(deps: { readonly url: string; readonly secret: string; readonly post: SignedPost }) {
    this.#deps = deps;
    // The URL may hold a token: only a part of its hash goes into the store, and only the host before people.
    this.way = `webhook-${createHash('sha256').update(deps.url).digest('hex').slice(0, WAY_DIGITS)}`;
    this.name = `webhook to ${new URL(deps.url).hostname}`;
  }

  async send(notice: AlertNotice): Promise<SinkAnswer> {
    const { url, secret, post } = this.#deps;
    const answer = await post({ url, secret, eventId: notice.id, body: JSON.stringify(bodyOf(notice)) });
    switch (answer.type) {
      case 'answered':
        if (answer.status >= 200 && answer.status < 300) return { delivered: true };
        return { delivered: false, reason: `the endpoint answered HTTP ${answer.status}` };
      case 'blocked':
        return {
          delivered: false,
          reason: 'blocked: not a public address, and no range under webhooks.allowTargets covers it',
        };
      case 'failed':
        return { delivered: false, reason: answer.reason };
    }
  }

  async close(): Promise<void> {
    // The connections belong to whoever made `post`.
  }
}

/** `title` and `message` are for services that show them to people, `data` for programs. */
function bodyOf(notice: AlertNotice) {
  return {
    id: notice.id,
    type: `alert.${notice.kind}`,
    timestamp: toTimestamp(notice.at),
    title: headline(notice),
    message: plainText(notice),
    data: { alert: notice.alert },
  };
}
