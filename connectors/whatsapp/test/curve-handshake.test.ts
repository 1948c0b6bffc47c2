import '../curve-first.ts'; // before anything that imports the library
import type { AuthenticationState, WASocket } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import type { Baileys } from '../baileys.ts';
import { curveCounts, loadBaileys } from '../baileys.ts';
import { makeBaileysLogger } from '../baileys-log.ts';
import { WhatsAppNetwork } from '../simulator/network.ts';

let network: WhatsAppNetwork;
let baileys: Baileys;
let sock: WASocket | undefined;

beforeEach(async () => {
  network = new WhatsAppNetwork({ clock: systemClock, random: systemRandom });
  await network.start();
});

afterEach(async () => {
  await sock?.end(undefined);
  await network.stop();
});

/** Resolves with what a client that wants to be linked gets: a code to show, or the end of the connection. */
function connect(): Promise<'code' | 'refused'> {
  const auth: AuthenticationState = {
    creds: baileys.initAuthCreds(),
    keys: { get: () => ({}), set: () => undefined },
  };
  const made = baileys.makeWASocket({
    auth,
    waWebSocketUrl: network.wsUrl,
    logger: makeBaileysLogger(silentLogger),
    browser: ['Mac OS', 'Chrome', '14.4.1'],
  });
  sock = made;
  return new Promise((resolve) => {
    made.ev.on('connection.update', ({ qr, connection }) => {
      if (qr !== undefined) resolve('code');
      if (connection === 'close') resolve('refused');
    });
  });
}

it('shows a code on a line to a server that proves itself', async () => {
  baileys = await loadBaileys({ trustedRoots: [network.rootKey] });
  const before = await curveCounts();
  expect(await connect()).toBe('code');
  const after = await curveCounts();
  expect(after.verifications - before.verifications).toBe(2);
});

it.each(['altered_leaf', 'altered_intermediate', 'other_root', 'replayed'] as const)(
  'ends the line to a server with a chain that is %s',
  async (variant) => {
    baileys = await loadBaileys({ trustedRoots: [network.rootKey] });
    network.faults.showCertificates(variant);
    expect(await connect()).toBe('refused');
  },
);

it('ends the line to a server whose root nobody named', async () => {
  baileys = await loadBaileys();
  expect(await connect()).toBe('refused');
});
