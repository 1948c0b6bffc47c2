import { BellhopError } from '../../src/core/errors.ts';
import { toProblem } from '../../src/core/problem.ts';
import type {
  AlertCommands,
  ConversationCommands,
  EngineApi,
  LinkView,
  LiveEvents,
  MessageCommands,
  MessageRequest,
  SessionCommands,
  VersionCommands,
} from '../../src/engine/engine-api.ts';
import type { Principal } from '../../src/engine/model/access.ts';
import type { ClientVersionView } from '../../src/engine/model/client-version.ts';
import type { LiveEvent } from '../../src/engine/model/event.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { Session } from '../../src/engine/model/session.ts';
import type { IdempotencyClaim, NewOutbound, Store } from '../../src/engine/ports/index.ts';
import type { VirtualClock } from './virtual-clock.ts';

const SESSION = 'front-desk';
/** The engine is not told who asks: the route has seen to it. */
const NOBODY: Principal = { keyId: '', name: '', scopes: new Set(), property: null };

/** The engine's commands without policy or network: what the HTTP adapter needs to be tested on the real store. */
export class FakeEngine implements EngineApi {
  readonly messages: MessageCommands;
  readonly conversations: ConversationCommands;
  readonly sessions: SessionCommands;
  readonly versions: VersionCommands;
  readonly alerts: AlertCommands;
  readonly live: LiveEvents;
  /** Commands in the order in which they came. */
  readonly calls: { readonly command: string; readonly principal: Principal; readonly input: unknown }[] = [];
  /** The next command fails with this. */
  failure: Error | undefined;
  /** Commands wait for this. */
  gate: Promise<void> = Promise.resolve();
  link: LinkView | undefined;
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  readonly #store: Store;
  #networkIds = 0;

  constructor(deps: { store: Store; clock: VirtualClock }) {
    const { store, clock } = deps;
    this.#store = store;
    const messageOf = async (id: string, principal: Principal): Promise<Message> => {
      const found = await store.getMessage(id, principal.property);
      if (found === null) throw new BellhopError('not_found');
      return found;
    };
    const sessionOf = async (id: string): Promise<Session> => {
      const found = await store.getSession(id);
      if (found === null) throw new BellhopError('not_found');
      return found;
    };
    this.messages = {
      accept: async (principal, request, idempotency) => {
        await this.#note('accept', principal, { request, idempotency });
        return this.#accept([request], idempotency, (messages) => JSON.stringify(messages[0]));
      },
      acceptBatch: async (principal, requests, idempotency) => {
        await this.#note('acceptBatch', principal, { requests, idempotency });
        const good = requests.filter((one): one is MessageRequest => !(one instanceof BellhopError));
        return this.#accept(good, idempotency, (messages) => {
          const rest = [...messages];
          return JSON.stringify({
            results: requests.map((one) => (one instanceof BellhopError ? toProblem(one) : rest.shift())),
          });
        });
      },
      delete: async (principal, id) => {
        await this.#note('delete', principal, { id });
        return store.cancelMessage(id, principal.property, clock.now());
      },
      release: async (principal, id) => {
        await this.#note('release', principal, { id });
        return store.releaseMessage(id, principal.property, principal);
      },
      edit: async (principal, id, body) => {
        await this.#note('edit', principal, { id, body });
        return messageOf(id, principal);
      },
      react: async (principal, id, emoji) => {
        await this.#note('react', principal, { id, emoji });
        return messageOf(id, principal);
      },
    };
    const version = (channel: string, name: string, pinned: boolean): ClientVersionView => ({
      channel,
      version: name,
      origin: 'shipped',
      wanted: true,
      current: true,
      pinned,
      sessions: 1,
      firstWorkedAt: null,
      lastWorkedAt: null,
      firstFailedAt: null,
      lastFailedAt: null,
      failingSince: null,
    });
    this.alerts = {
      test: async () => {
        await this.#note('testAlerts', NOBODY, {});
        return [{ way: 'e-mail', delivered: false, reason: 'connection refused' }];
      },
      ways: () => [
        {
          id: 'email',
          way: 'e-mail',
          kind: 'email',
          waiting: 2,
          failingSince: 1_772_636_400_000,
          reason: 'connection refused',
        },
      ],
    };
    this.versions = {
      view: (channel = 'whatsapp') => [version(channel, '2.3000.1', false)],
      facts: () => undefined,
      pin: async (channel, name) => {
        await this.#note('pin', NOBODY, { channel, name });
        return version(channel, name, true);
      },
      unpin: async (channel, name) => {
        await this.#note('unpin', NOBODY, { channel, name });
        return version(channel, name, false);
      },
      forget: (channel, name) => this.#note('forget', NOBODY, { channel, name }),
    };
    this.conversations = {
      create: async (principal, request) => {
        await this.#note('createConversation', principal, request);
        return store.createConversation({
          property: principal.property ?? 'main',
          channel: request.channel,
          sessionId: SESSION,
          kind: 'direct',
          address: request.participants[0] ?? '',
          title: null,
        });
      },
      markRead: async (principal, id, seq) => {
        await this.#note('markRead', principal, { id, seq });
        return (await store.markRead(id, seq, principal.property, clock.now())).conversation;
      },
      setTyping: async (principal, id, on) => this.#note('setTyping', principal, { id, on }),
    };
    const step = async (command: string, principal: Principal, input: unknown): Promise<LinkView> => {
      await this.#note(command, principal, input);
      if (this.link === undefined) throw new BellhopError('no_link_in_progress');
      return this.link;
    };
    this.sessions = {
      create: async (principal, request) => {
        await this.#note('createSession', principal, request);
        const { id, channel, property = 'main', settings = {} } = request;
        return store.createSession({ id, channel, property, settings });
      },
      updateSettings: async (principal, id, settings) => {
        await this.#note('updateSettings', principal, { id, settings });
        return store.updateSessionSettings(id, settings);
      },
      remove: async (principal, id) => {
        await this.#note('remove', principal, { id });
        await store.deleteSession(id);
      },
      start: async (principal, id) => {
        await this.#note('start', principal, { id });
        return sessionOf(id);
      },
      stop: async (principal, id) => {
        await this.#note('stop', principal, { id });
        return sessionOf(id);
      },
      restart: async (principal, id) => {
        await this.#note('restart', principal, { id });
        return sessionOf(id);
      },
      beginLink: async (principal, id, flow) => step('beginLink', principal, { id, flow }),
      currentLink: () => {
        if (this.link === undefined) throw new BellhopError('no_link_in_progress');
        return this.link;
      },
      answerLink: async (principal, id, input) => step('answerLink', principal, { id, input }),
    };
    this.live = {
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async #note(command: string, principal: Principal, input: unknown): Promise<void> {
    this.calls.push({ command, principal, input });
    await this.gate;
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }

  async #accept(
    requests: readonly MessageRequest[],
    claim: IdempotencyClaim | undefined,
    write: (messages: readonly Message[]) => string,
  ): Promise<{ status: number; body: string }> {
    const answer = (messages: readonly Message[]) => ({ status: 202, body: write(messages) });
    const inputs = requests.map((request) => this.#outbound(request));
    const result = await this.#store.acceptMessages(inputs, claim === undefined ? undefined : { claim, answer });
    return 'replay' in result ? result.replay : answer(result.messages);
  }

  #outbound(request: MessageRequest): NewOutbound {
    this.#networkIds += 1;
    return {
      property: 'main',
      sessionId: SESSION,
      channel: 'whatsapp',
      networkId: `OUT${this.#networkIds}`,
      to:
        request.conversationId === undefined
          ? { kind: 'direct', address: request.to ?? '+15551234567' }
          : { conversationId: request.conversationId },
      body: request.body ?? null,
      entities: request.entities ?? [],
      buttons: request.buttons ?? [],
      attachments: [],
      location: null,
      contacts: null,
      poll: null,
      replyTo: null,
      urgency: 'normal',
      purpose: 'service',
      basis: null,
      sendAt: request.sendAt ?? null,
      expiresAt: null,
      metadata: request.metadata ?? null,
      requestedBy: 'test',
      estimatedSendAt: null,
    };
  }
}
