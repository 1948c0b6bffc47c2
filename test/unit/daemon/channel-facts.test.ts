import { describe, expect, it } from 'vitest';
import { connectors } from '../../../connectors/registry.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { choosePacing } from '../../../src/daemon/channel-facts.ts';

/** What every channel's configuration is where nothing is set. */
const channels = Object.fromEntries(connectors.map(({ manifest }) => [manifest.channel, manifest.configSchema]));

describe('what is known of deliveries', () => {
  it('is all on WhatsApp, where every phone acknowledges, and not enough elsewhere', () => {
    const { tellsDelivery, isPaced } = choosePacing(configSchema(channels).parse({}), false);
    expect(['whatsapp', 'telegram', 'xmpp', 'unknown'].filter((channel) => tellsDelivery(channel))).toEqual([
      'whatsapp',
    ]);
    expect(isPaced('whatsapp')).toBe(true);
  });
});
