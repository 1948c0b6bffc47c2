/**
 * A daemon's store in a process of its own, for tests that kill it. Prints a line for each operation that was resolved, and
 * nothing else. Modes: `lock` opens the store and waits; `write` accepts, receives and sends until it is killed; `fill` accepts
 * until the file may grow no more, and then goes on trying until it may.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/core/clock.ts';
import { BellhopError } from '../../src/core/errors.ts';
import { IdFactory } from '../../src/core/ids.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { Store } from '../../src/engine/ports/index.ts';
import { openStore } from '../../src/store/open-store.ts';
import { accept, inbound, SESSION } from './store-fixture.ts';

const [, , mode, path, lanesText] = process.argv;
const say = (line: string): void => void writeSync(1, `${line}\n`);

async function write(store: Store, lane: number): Promise<never> {
  const to = { to: { kind: 'direct', address: `+49151000${lane}` } } as const;
  for (let index = 0; ; index += 1) {
    const message = await accept(store, `N-${process.pid}-${lane}-${index}`, to);
    say(`queued ${message.id}`);
    const record = inbound(`A-${process.pid}-${lane}-${index}`, systemClock.now(), {
      from: { addresses: [`+49151000${lane}`] },
    });
    say(`received ${(await store.recordInbound(record)).message.id}`);
    if ((await store.beginAttempt(message.id, systemClock.now())) === null) continue;
    say(`sending ${message.id}`);
    await store.finishAttempt(message.id, { type: 'sent', at: systemClock.now() });
    say(`sent ${message.id}`);
  }
}

async function fill(store: Store): Promise<void> {
  let full = false;
  for (let index = 0; ; index += 1) {
    const outcomes = await Promise.allSettled([0, 1, 2].map((lane) => accept(store, `N-${index}-${lane}`)));
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') say(`queued ${outcome.value.id}`);
      else if (!full) say(`refused ${outcome.reason instanceof BellhopError ? outcome.reason.code : 'unknown'}`);
    }
    const accepted = outcomes.some((outcome) => outcome.status === 'fulfilled');
    if (full && accepted) return say('healed');
    full ||= !accepted;
  }
}

const store = await openStore({
  url: `sqlite:${path ?? ''}`,
  clock: systemClock,
  ids: new IdFactory({ clock: systemClock, random: systemRandom }),
  log: silentLogger,
  secretKey: new Uint8Array(32).fill(7),
});
if ((await store.getSession(SESSION)) === null) {
  await store.createSession({ id: SESSION, property: 'main', channel: 'whatsapp', settings: {} });
}
await store.releaseAttempts();
say('open');
if (mode === 'write') await Promise.all(Array.from({ length: Number(lanesText) }, (_, lane) => write(store, lane)));
else if (mode === 'fill') await fill(store);
else process.stdin.resume();
