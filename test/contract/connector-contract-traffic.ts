import { expect } from 'vitest';
import type { CheckGroup, Stage } from './connector-contract-stage.ts';
import { chatWith, failureOf } from './connector-contract-stage.ts';

/** Shorter runs of digits are ports, versions and durations. */
const SHORTEST_SECRET = 6;

/** A conversation with a bit of everything that may leave a trace. */
async function converse(stage: Stage): Promise<void> {
  const guest = await stage.online();
  const networkId = await guest.say('kit-canary-inbound-body');
  const { chat, sender } = await stage.stored(networkId);
  await stage.send(chat, { type: 'text', body: 'kit-canary-outbound-body' });
  const { features } = stage.session;
  if (features.has('typing')) await stage.session.call('setTyping', { chat, on: true });
  const target = { networkId, sender: sender.addresses[0] };
  if (features.has('readMarks')) await stage.session.call('markRead', { chat, messages: [target] });
  await stage.account.cutLine?.();
  if (stage.account.cutLine === undefined) await stage.session.call('disconnect', undefined);
  else await stage.event('disconnected');
  await failureOf(stage.send(chatWith(guest), { type: 'text', body: 'kit-canary-refused-body' }));
  await stage.connect();
  await stage.stored(await guest.say('kit-canary-last-body'));
  const known = [stage.account.address, ...guest.addresses].map((address) => address.replace(/^[^:]*:|^[+@]/, ''));
  const canaries = ['kit-canary', ...known, ...stage.account.secrets];
  for (const canary of canaries) expect(canary.length).toBeGreaterThanOrEqual(SHORTEST_SECRET);
  expectNoneLogged(stage, canaries);
}

function expectNoneLogged(stage: Stage, canaries: readonly string[]): void {
  for (const { text, fields } of stage.logged) {
    const values = Object.values(fields).map((value) =>
      value instanceof Error
        ? `${value.name} ${value.message} ${value.stack ?? ''} ${String(value.cause)}`
        : String(value),
    );
    const line = [text, ...values].join(' ');
    const leaked = canaries.filter((canary) => line.includes(canary)).length;
    expect(`${text}: ${leaked} leaks`).toBe(`${text}: 0 leaks`);
  }
}

/** Where in `value` something lies that does not survive the way between processes unchanged. */
function oddPlace(value: unknown, path: string): string | undefined {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : path;
  if (typeof value !== 'object') return path;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return path;
  for (const [key, child] of Object.entries(value)) {
    const odd = oddPlace(child, `${path}.${key}`);
    if (odd !== undefined) return odd;
  }
  return undefined;
}

export const trafficChecks: CheckGroup = {
  name: 'traffic',
  checks: [
    {
      name: 'is plain data, whatever is told',
      run: async (stage) => {
        await converse(stage);
        expect(stage.emitted.length).toBeGreaterThan(0);
        for (const event of stage.emitted) expect(oddPlace(event, event.type)).toBeUndefined();
      },
    },
    { name: 'leaves no word, address or secret in the log', run: converse },
  ],
};
