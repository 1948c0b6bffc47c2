import type { Alert } from '../../../src/engine/model/alert.ts';
import type { AlertNotice, NoticeKind } from '../../../src/engine/ports/index.ts';

export const SINCE = '2026-03-04T15:00:00.000Z';

export function alertOf(more: Partial<Alert> = {}): Alert {
  return {
    id: `alr_${'1'.repeat(26)}`,
    property: 'main',
    kind: 'line',
    code: 'fake_logged_out',
    name: 'front-desk (WhatsApp)',
    title: 'front-desk (WhatsApp) needs you: link it again',
    text: 'It was unlinked on the phone.',
    action: 'relink',
    remedy: 'Link it again. Queued messages wait.',
    channel: 'whatsapp',
    sessions: ['front-desk'],
    webhookId: null,
    since: SINCE,
    openedAt: SINCE,
    updatedAt: SINCE,
    endedAt: null,
    closedAt: null,
    resolution: null,
    ...more,
  };
}

export function noticeOf(kind: NoticeKind, more: Partial<Alert> = {}): AlertNotice {
  const isOver = kind === 'closed' || kind === 'passed';
  const over: Partial<Alert> = isOver
    ? { endedAt: '2026-03-04T15:12:00.000Z', closedAt: '2026-03-04T15:13:00.000Z', resolution: 'recovered' }
    : {};
  const alert = alertOf({ ...over, ...more });
  return { id: `${alert.id}.${kind}.1`, kind, alert, at: Date.parse(SINCE) };
}
