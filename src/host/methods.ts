import { z } from 'zod';
import type { SessionSpec } from '../engine/ports/connector-host.ts';

/** What the daemon calls in the process that runs sessions. */
export const HOST_METHODS = {
  init: 'init',
  load: 'load',
  open: 'open',
  call: 'call',
  close: 'close',
  stop: 'stop',
} as const;
/** What that process calls in the daemon. */
export const RUNTIME_METHODS = { event: 'event' } as const;
/** Notes; `ping` goes down, `pong`, `log` and `pulse` come up. */
export const NOTES = { ping: 'ping', pong: 'pong', log: 'log', pulse: 'pulse' } as const;

export const loadParams = z.object({ channel: z.string() });

export const openParams: z.ZodType<SessionSpec> = z.object({
  sessionId: z.string(), // the vault refuses what is not a slug
  channel: z.string(),
  config: z.unknown(),
  clientVersion: z.string().exactOptional(),
});

export const callParams = z.object({ sessionId: z.string(), operation: z.string(), input: z.unknown() });
export const closeParams = z.object({ sessionId: z.string() });
export const eventParams = z.object({ sessionId: z.string(), event: z.unknown() });

const account = z.object({
  address: z.string(),
  displayName: z.string().exactOptional(),
  kind: z.string().exactOptional(),
});

/** What the daemon learns when a session is open, and again when it is linked, connected or unlinked. */
export const openedSession = z.object({
  features: z.array(
    z.enum(['typing', 'readMarks', 'react', 'edit', 'delete', 'presence', 'probe', 'canary', 'vitals']),
  ),
  linked: z.boolean(),
  account: account.exactOptional(),
});
export type OpenedSession = z.infer<typeof openedSession>;

/** What a call is answered with: what the connector said and, where that may have changed it, what the session is now. */
export const callAnswer = z.object({ value: z.unknown(), session: openedSession.exactOptional() });
export type CallAnswer = z.infer<typeof callAnswer>;

export const storedAccount = account;
