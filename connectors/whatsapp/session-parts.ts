import type { Agent } from 'node:https';
import type { ConnectorEvent, SessionContext } from '../../src/connector-api/index.ts';
import { withDeadline } from '../../src/core/clock.ts';
import { BellhopError } from '../../src/core/errors.ts';
import { AddressLookup } from './address-lookup.ts';
import type { Baileys } from './baileys.ts';
import { loadBaileys } from './baileys.ts';
import { ChatTimers } from './chat-timers.ts';
import type { WhatsAppConfig } from './config.ts';
import { isOwnServer } from './config.ts';
import type { DurableInbox } from './durable-socket.ts';
import { createDurableInbox } from './durable-socket.ts';
import { GroupDirectory } from './groups.ts';
import { InboundDesk } from './inbound.ts';
import { INBOUND_MEDIA_LIMIT_BYTES, MediaFetcher } from './media-inbound.ts';
import type { MediaKeys } from './media-seal.ts';
import { createTlsAgent } from './media-tls.ts';
import { OutboundStore } from './outbound-store.ts';
import { createRetryCounters } from './retry-counters.ts';
import type { LineDeps } from './socket.ts';
import { Line } from './socket.ts';
import type { SocketOptions } from './socket-options.ts';
import { aliasesIn } from './stored-account.ts';
import { parseVersion, versionSource } from './versions.ts';

/** A phone that is awake answers within seconds; one that sleeps will not within minutes. */
const ASK_AGAIN_TIMEOUT_MS = 30_000;

/** What outlives a connection. Made once the library is loaded, when the session first needs it. */
export interface SessionParts {
  readonly baileys: Baileys;
  readonly inbox: DurableInbox;
  readonly store: OutboundStore;
  readonly timers: ChatTimers;
  readonly lookup: AddressLookup;
  openLine(options: Pick<LineDeps, 'purpose' | 'onQr' | 'onPaired'> & { readonly qrLifetimeMs?: number }): Line;
}

export interface PartsDeps {
  readonly context: SessionContext<WhatsAppConfig>;
  readonly emit: (event: ConnectorEvent) => Promise<void>;
  /** The account's own jids: of the open connection, else of the vault. */
  readonly me: () => readonly string[];
  readonly line: () => Line | undefined;
}

/** The version to announce: the rung that the supervisor chose, else the newest. Throws `config_invalid`. */
export function announcedVersion(context: SessionContext<WhatsAppConfig>): string {
  const version = context.clientVersion ?? versionSource.known(context.config)[0];
  if (parseVersion(version) === undefined) {
    throw new BellhopError('config_invalid', { detail: 'the WhatsApp client version is not three numbers' });
  }
  return version;
}

/** Loads the library and puts the session together. Rejects with a BellhopError. */
export async function loadParts(deps: PartsDeps): Promise<SessionParts> {
  const { context } = deps;
  const { config, vault, clock, random, log } = context;
  const version = parseVersion(announcedVersion(context)) ?? [0, 0, 0];
  const agent = createTlsAgent(config);
  const baileys = await loadBaileys(config.trustedRoots === undefined ? {} : { trustedRoots: config.trustedRoots });
  const groups = new GroupDirectory({ log });
  const lookup = new AddressLookup({ aliases: aliasesIn(vault), groups, me: deps.me });
  const store = new OutboundStore({ vault, clock });
  const timers = new ChatTimers({ vault });
  const desk = new InboundDesk({
    lookup,
    groups,
    log,
    emit: deps.emit,
    fetcher: () => createFetcher(baileys, agent, context),
    askAgain: (message) => askAgain(deps, message),
    isOnline: () => deps.line() !== undefined,
    onDirectMessage: (message, { phone, hidden }) => {
      if (phone !== undefined && message.key.fromMe !== true) store.know(phone); // who writes has an account
      if (message.message)
        timers.learn(
          [phone, hidden].filter((user) => user !== undefined),
          message.message,
        );
    },
    onGroupSeen: (jid) => void learnTitle(deps, groups, jid),
  });
  const inbox = createDurableInbox({ baileys, vault, clock, random, log, handlers: desk });
  const options: SocketOptions = {
    version,
    agent,
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    retryCounters: createRetryCounters(),
    getMessage: async ({ id }) => {
      const sent = id ? store.sent(id) : undefined;
      return sent === undefined ? undefined : baileys.proto.Message.decode(sent);
    },
    cachedGroupMetadata: async (jid) => {
      const line = deps.line();
      return line && groups.metadataOf(jid, (asked) => line.sock.groupMetadata(asked));
    },
  };
  return {
    baileys,
    inbox,
    store,
    timers,
    lookup,
    openLine: ({ qrLifetimeMs, ...rest }) =>
      new Line({
        baileys,
        inbox,
        clock,
        log,
        options: qrLifetimeMs === undefined ? options : { ...options, qrLifetimeMs },
        ...rest,
      }),
  };
}

function createFetcher(baileys: Baileys, agent: Agent, context: SessionContext<WhatsAppConfig>): MediaFetcher {
  return new MediaFetcher({
    agent,
    media: context.media,
    clock: context.clock,
    log: context.log,
    signal: context.signal,
    isPrivate: context.config.endpoint !== undefined && !isOwnServer(context.config.endpoint),
    limitBytes: INBOUND_MEDIA_LIMIT_BYTES,
    deriveKeys: async (mediaKey, secretKind): Promise<MediaKeys> => {
      const { iv, cipherKey, macKey } = await baileys.getMediaKeys(mediaKey, secretKind);
      return { iv, cipherKey, macKey: macKey ?? new Uint8Array(0) };
    },
  });
}

/** Whether the sender's phone uploaded the file once more; Baileys then writes the new place into the message. */
async function askAgain(deps: PartsDeps, message: Parameters<Line['sock']['updateMediaMessage']>[0]): Promise<boolean> {
  const line = deps.line();
  if (line === undefined) return false;
  try {
    const asked = line.sock.updateMediaMessage(message);
    await withDeadline(deps.context.clock, ASK_AGAIN_TIMEOUT_MS, asked, () => new Error('the phone did not answer'));
    return true;
  } catch {
    return false;
  }
}

async function learnTitle(deps: PartsDeps, groups: GroupDirectory, jid: string): Promise<void> {
  const line = deps.line();
  if (line === undefined) return;
  const title = await groups.learnTitle(jid, (asked) => line.sock.groupMetadata(asked));
  const address = `group:${jid.replace(/@.*$/, '')}`;
  if (title === undefined) return;
  try {
    await deps.emit({ type: 'chat_updated', chat: { kind: 'group', addresses: [address], title } });
  } catch {
    deps.context.log.debug('a group title was not stored; it is asked for again in the next life');
  }
}
