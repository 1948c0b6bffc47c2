import type { EngineFixture } from './engine-fixture.ts';
import type { FakeLine } from './fake-host.ts';
import { HOUR } from './pacing-town.ts';

/** A number of a guest. */
export const guest = (index: number): string => `+1555400${String(index).padStart(4, '0')}`;
export const sendsOf = (line: FakeLine): readonly number[] =>
  line.calls.filter(({ operation }) => operation === 'send').map(({ at }) => at);

/** Guests who wrote long ago, so that what is sent to them opens no chat and is no answer. */
export async function meet(fixture: EngineFixture, line: FakeLine, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await ask(fixture, line, index);
  await fixture.clock.advance(25 * HOUR);
}

export async function ask(fixture: EngineFixture, line: FakeLine, index: number): Promise<void> {
  const chat = { kind: 'direct', addresses: [guest(index)] } as const;
  const message = fixture.inbound({ networkId: `IN-${index}-${fixture.clock.now()}`, chat, sender: chat });
  await line.emit({ type: 'message', message });
}

/** The most of these times in any window of this length. */
export function most(at: readonly number[], windowMs: number): number {
  return Math.max(0, ...at.map((from) => at.filter((each) => each >= from && each < from + windowMs).length));
}
