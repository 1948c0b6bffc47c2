import type { AuthenticationState, SignalDataTypeMap, WASocket } from '@whiskeysockets/baileys';
import { Browsers, initAuthCreds, makeWASocket } from '@whiskeysockets/baileys';
import { sharedMicros } from './machine.ts';
import { serve } from './remote.ts';

/** What a client remembers, as plain data that can be handed to another process. */
export interface BareAuth {
  readonly creds: AuthenticationState['creds'];
  readonly keys: Map<string, unknown>;
}

interface BareSession {
  socket: WASocket;
  opened: number;
  onQr: (qr: string) => void;
}

const ignore = (): void => undefined;
const silent = {
  level: 'silent',
  child: () => silent,
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
};
const sessions = new Map<number, BareSession>();
const remembered = new Map<number, BareAuth>();
const firstSeen = new Map<string, number>();

/** Baileys as it comes, with everything in memory: the least that a client on this library can cost. */
function connect(endpoint: string, auth: BareAuth): WASocket {
  return makeWASocket({
    auth: { creds: auth.creds, keys: keysIn(auth.keys) },
    waWebSocketUrl: endpoint,
    logger: silent,
    browser: Browsers.ubuntu('Chrome'),
    shouldSyncHistoryMessage: () => false,
    markOnlineOnConnect: false,
  });
}

function keysIn(store: Map<string, unknown>): AuthenticationState['keys'] {
  return {
    get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
      const found: Record<string, SignalDataTypeMap[T]> = {};
      for (const id of ids) {
        const value = store.get(`${type} ${id}`);
        if (value !== undefined) found[id] = value as SignalDataTypeMap[T];
      }
      return found;
    },
    set: async (data) => {
      for (const [type, values] of Object.entries(data)) {
        for (const [id, value] of Object.entries(values)) {
          if (value === null) store.delete(`${type} ${id}`);
          else store.set(`${type} ${id}`, value);
        }
      }
    },
  };
}

function run(index: number, endpoint: string, auth: BareAuth): BareSession {
  const session: BareSession = { socket: connect(endpoint, auth), opened: 0, onQr: ignore };
  const listen = (): void => {
    const { ev } = session.socket;
    ev.on('creds.update', (update) => Object.assign(auth.creds, update));
    ev.on('messages.upsert', ({ messages }) => {
      const at = sharedMicros();
      for (const { key } of messages) if (key.id && !firstSeen.has(key.id)) firstSeen.set(key.id, at);
    });
    ev.on('connection.update', ({ qr, connection }) => {
      if (qr !== undefined) session.onQr(qr);
      if (connection === 'open') session.opened += 1;
      if (connection !== 'close' || !sessions.has(index)) return;
      session.socket = connect(endpoint, auth); // at once: after linking the server asks for it, else a line was cut
      listen();
    });
  };
  sessions.set(index, session);
  remembered.set(index, auth);
  listen();
  return session;
}

const services = {
  /** Begins to link and resolves with the QR code; the session then lives on by itself. */
  link: ({ index, endpoint }: { index: number; endpoint: string }) =>
    new Promise<string>((done) => {
      run(index, endpoint, { creds: initAuthCreds(), keys: new Map() }).onQr = done;
    }),
  remember: ({ index, auth }: { index: number; auth: BareAuth | undefined }) => {
    if (auth !== undefined) remembered.set(index, auth);
  },
  resume: ({ index, endpoint }: { index: number; endpoint: string }) => {
    const auth = remembered.get(index);
    if (auth === undefined) throw new Error('nothing is remembered of this account');
    run(index, endpoint, auth);
  },
  exportAuth: (index: number) => remembered.get(index),
  /** Ends a connection for good. */
  drop: async (index: number) => {
    const session = sessions.get(index);
    sessions.delete(index);
    await session?.socket.end(undefined);
  },
  opened: () => [...sessions.values()].reduce((sum, { opened }) => sum + opened, 0),
  seen: (ids: readonly string[]) => ids.filter((id) => firstSeen.has(id)).length,
};

export type BareServices = typeof services;

serve(services);
