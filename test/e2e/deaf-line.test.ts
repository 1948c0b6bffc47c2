import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeafenedNetwork } from '../support/deaf-line.ts';
import { deafTelegram, deafWhatsApp, liveThroughDeafness } from '../support/deaf-line.ts';

/** Ten seconds of the engine's time are one here: what it waits for a network then has a tenth as well. */
const SPEED = 10;
const BUSY_LIMIT_MS = 60_000;

describe.each([
  ['WhatsApp', deafWhatsApp],
  ['Telegram', deafTelegram],
] as const)('%s in a box answers every question and pushes nothing', (_name, open) => {
  let network: DeafenedNetwork;
  beforeAll(async () => {
    network = await open();
  });
  afterAll(() => network.stop());

  it('a busy account hears its guests again within a minute, and was left alone before', {
    timeout: 60_000,
  }, async () => {
    const { heardAgainMs, falseRestarts } = await liveThroughDeafness(network, { isBusy: true, speed: SPEED });
    expect(heardAgainMs).toBeLessThan(BUSY_LIMIT_MS);
    expect(falseRestarts).toBe(0);
  });
});
