import { Webhook } from 'standardwebhooks';
import type { Agent } from 'undici';
import type { Clock } from '../core/clock.ts';
import type { DeliveryJob } from '../engine/ports/index.ts';
import type { AddressPolicy } from './address-policy.ts';
import { failureReason } from './failure-reason.ts';
import { ForbiddenTargetError, guardedConnector, type Lookup } from './guarded-connect.ts';
import { parseRetryAfter } from './schedule.ts';

/** What one attempt brought. `blocked`: the guard let no byte out. */
export type SendAnswer =
  | { readonly type: 'answered'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'blocked' };

export interface WebhookSender {
  send(job: Pick<DeliveryJob, 'url' | 'secret' | 'eventId' | 'body'>): Promise<SendAnswer>;
  close(): Promise<void>;
}

/** Connections kept to one endpoint; more would not speed up ordered lines and might annoy a small PMS. */
const CONNECTIONS_PER_ORIGIN = 16;
/** An answer's body is read no further than this; a receiver that drips or floods gets cut off. */
const ANSWER_LIMIT_BYTES = 65_536;
const IDLE_CONNECTION_MS = 30_000; // longer than the pause between two guests' messages, shorter than most proxies' limit

export interface SenderOptions {
  readonly policy: AddressPolicy;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly userAgent: string;
  readonly lookup?: Lookup;
}

/** Signs as the Standard Webhooks specification 1.0.0 says and posts over pooled connections; redirects are not followed. */
export function createWebhookSender(options: SenderOptions): WebhookSender {
  const loading = makeAgent(options);
  loading.catch(() => undefined); // each delivery meets it again

  return {
    async send(job) {
      const sentAt = new Date(options.clock.now());
      try {
        const agent = await loading;
        const answer = await agent.request({
          origin: new URL(job.url).origin,
          path: pathOf(job.url),
          method: 'POST',
          headers: {
            'content-type': 'application/json; charset=utf-8',
            'user-agent': options.userAgent,
            'webhook-id': job.eventId,
            'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
            'webhook-signature': new Webhook(job.secret).sign(job.eventId, sentAt, job.body),
          },
          body: job.body,
          signal: AbortSignal.timeout(options.timeoutMs),
        });
        // The status is the answer; a body that cannot be read to its end changes nothing.
        await answer.body.dump({ limit: ANSWER_LIMIT_BYTES }).catch(() => undefined);
        const retryAfter = answer.headers['retry-after'];
        return {
          type: 'answered',
          status: answer.statusCode,
          retryAfterMs: parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined, sentAt.getTime()),
        };
      } catch (error) {
        return isForbidden(error) ? { type: 'blocked' } : { type: 'failed', reason: failureReason(error) };
      }
    },
    close: async () => (await loading).destroy(),
  };
}

/** The library is large: it is loaded when the sender is made, which the daemon does after its API listens. */
async function makeAgent(options: SenderOptions): Promise<Agent> {
  const undici = await import('undici');
  return new undici.Agent({
    connect: guardedConnector(options.policy, {
      build: undici.buildConnector,
      timeoutMs: options.timeoutMs,
      ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    }),
    connections: CONNECTIONS_PER_ORIGIN,
    pipelining: 1,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
  });
}

function pathOf(text: string): string {
  const url = new URL(text);
  return url.pathname + url.search;
}

function isForbidden(error: unknown): boolean {
  return (
    error instanceof ForbiddenTargetError || (error instanceof Error && error.cause instanceof ForbiddenTargetError)
  );
}
