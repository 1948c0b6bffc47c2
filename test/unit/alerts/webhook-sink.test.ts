import { describe, expect, it } from 'vitest';
import type { SignedPost } from '../../../src/alerts/webhook-sink.ts';
import { WebhookAlertSink } from '../../../src/alerts/webhook-sink.ts';
import { alertOf, noticeOf, SINCE } from './notices.ts';

const url = 'https://ntfy.example/hotel?token=very-secret';
type Answer = Awaited<ReturnType<SignedPost>>;

function sinkWith(answer: Answer) {
  const posts: Parameters<SignedPost>[0][] = [];
  const post: SignedPost = async (job) => {
    posts.push(job);
    return answer;
  };
  return { posts, sink: new WebhookAlertSink({ url, secret: 'whsec_x', post }) };
}

describe('an alert by webhook', () => {
  it('is JSON with a line and a text for people, and the whole alert for programs', async () => {
    const { sink, posts } = sinkWith({ type: 'answered', status: 204 });
    const notice = noticeOf('opened');
    expect(await sink.send(notice)).toEqual({ delivered: true });
    expect(posts).toMatchObject([{ url, secret: 'whsec_x', eventId: notice.id }]);
    expect(JSON.parse(posts[0]?.body ?? '')).toEqual({
      id: notice.id,
      type: 'alert.opened',
      timestamp: SINCE,
      title: 'front-desk (WhatsApp) needs you: link it again',
      message: expect.stringContaining('Queued messages wait.'),
      data: { alert: alertOf() },
    });
  });

  it.each([
    [{ type: 'answered', status: 403 }, /HTTP 403/],
    [{ type: 'blocked' }, /allowTargets/],
    [{ type: 'failed', reason: 'connection refused' }, /connection refused/],
  ] as const)('that met %j is not delivered, and says why', async (answer, reason) => {
    const { sink } = sinkWith(answer);
    expect(await sink.send(noticeOf('opened'))).toEqual({
      delivered: false,
      reason: expect.stringMatching(reason),
    });
  });

  it('shows the host and never the rest of the URL', () => {
    const { sink } = sinkWith({ type: 'blocked' });
    expect(sink.name).toBe('webhook to ntfy.example');
    expect(sink.way).toMatch(/^webhook-[0-9a-f]{12}$/);
  });
});
