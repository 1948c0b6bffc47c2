import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { pacerByChannel } from '../../../src/engine/channel-pacer.ts';
import { SimplePacer } from '../../../src/engine/simple-pacer.ts';

describe('pacing that is off', () => {
  it('is off for private endpoints only: a real network is paced whatever the configuration says', () => {
    const pacer = pacerByChannel(new SimplePacer({ random: seededRandom(1) }), new Set(['whatsapp']));
    const intent = {
      sessionId: 'a',
      conversationId: 'c',
      messageId: 'm',
      textLength: 80,
      hasMedia: false,
      urgency: 'normal',
      purpose: 'reply',
      unreadLength: 60,
      lastInboundAt: null,
      attempt: 1,
    } as const;
    expect(pacer.plan({ ...intent, channel: 'whatsapp' }, 0)).toEqual({ do: 'send', readAfterMs: 0, typingForMs: 0 });
    const real = pacer.plan({ ...intent, channel: 'xmpp' }, 0);
    expect(real.do === 'send' && real.typingForMs > 1_000).toBe(true);
    expect(pacer.estimate({ channel: 'xmpp', textLength: 80, hasMedia: false }, 0, 0)).toBeGreaterThan(1_000);
  });
});
