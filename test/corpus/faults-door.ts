import type { Door, DoorMode } from './door.ts';
import type { Fault, Label } from './fault.ts';
import { retries, retriesUnreached } from './fault.ts';

interface Doored {
  readonly door: Door;
}

const TLS_ALERT = Uint8Array.of(0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46); // fatal, protocol version
const PORTAL =
  'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 32\r\nConnection: close\r\n\r\n<html>Welcome to Hotel Wi-Fi</html>';
const SOCKETS = 'TCP, RFC 9293: nothing of it tells anything about the account';

const line = retries('network');
const nobody = retriesUnreached('network');
/** Somebody else answers, such as the portal of a Wi-Fi: it goes away; another client would be answered alike, which a client may try out. */
const stranger: Label = {
  kinds: ['network', 'protocol_changed', 'unknown'],
  responses: ['retries alone', 'tries other versions'],
  person: ['none', 'wait', 'upgrade'],
  after: 'connected',
};

/** What may befall the line of any network. */
export function doorFaults<Stage extends Doored>(
  prefix: string,
  without: readonly string[] = [],
): readonly Fault<Stage>[] {
  const knock = (id: string, mode: DoorMode, label: Label, isSilent = false): Fault<Stage> => ({
    id: `${prefix}-${id}`,
    phase: 'connecting',
    label,
    source: SOCKETS,
    isSilent,
    inject: ({ door }) => door.become(mode),
  });
  const live = (id: string, strike: (door: Door) => void, label: Label, isSilent = false): Fault<Stage> => ({
    id: `${prefix}-${id}`,
    phase: 'connected',
    label,
    source: SOCKETS,
    isSilent,
    inject: ({ door }) => strike(door),
  });
  const all: readonly Fault<Stage>[] = [
    knock('nobody-listens', { do: 'closed' }, nobody),
    knock('reset-at-the-door', { do: 'reset' }, line),
    knock('ended-at-the-door', { do: 'end' }, line),
    knock('never-answered', { do: 'stall' }, line, true),
    knock('a-portal-answers', { do: 'answer', bytes: PORTAL }, stranger),
    knock(
      'noise-answers',
      { do: 'answer', bytes: Uint8Array.from({ length: 300 }, (_, at) => (at * 151 + 7) % 256) },
      stranger,
    ),
    knock('tls-answers', { do: 'answer', bytes: TLS_ALERT }, stranger),
    knock('cut-early', { do: 'cut after', bytes: 40 }, line),
    live('cut', (door) => door.cut(), line),
    live('reset', (door) => door.cut('reset'), line),
    live('closed-in-order', (door) => door.cut('in order'), line),
    live('frozen', (door) => door.freeze(), line, true),
    live('frozen-to-us', (door) => door.freeze('to client'), line, true),
    {
      ...live('cut-and-nobody-listens', () => undefined, line),
      inject: async ({ door }) => {
        await door.become({ do: 'closed' });
        door.cut();
      },
    },
  ];
  return all.filter(({ id }) => !without.includes(id.slice(prefix.length + 1)));
}
