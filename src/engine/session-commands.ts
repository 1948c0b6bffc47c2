import type { LoginFlow, LoginStep } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { LinkView, SessionCommands } from './engine-api.ts';
import type { Principal } from './model/access.ts';
import { DEFAULT_PROPERTY, propertyId, sessionId as sessionIdSchema } from './model/primitives.ts';
import type { Session } from './model/session.ts';
import type { Store } from './ports/index.ts';
import type { Manifests } from './resolve-target.ts';
import { findManifest, readAddress } from './resolve-target.ts';
import type { SupervisedSession, Supervisor } from './supervisor.ts';

export interface SessionCommandDeps {
  readonly store: Store;
  readonly supervisor: Supervisor;
  readonly manifests: Manifests;
}

/** What callers may do with sessions. A session of another property answers `not_found`. */
export class EngineSessions implements SessionCommands {
  readonly #deps: SessionCommandDeps;

  constructor(deps: SessionCommandDeps) {
    this.#deps = deps;
  }

  /** A new session is `unlinked`: there is nothing to start before an account is linked. */
  async create(principal: Principal, request: Parameters<SessionCommands['create']>[1]): Promise<Session> {
    const { id, channel } = request;
    if (!sessionIdSchema.safeParse(id).success) throw new BellhopError('invalid_session_id', { pointer: 'id' });
    findManifest(this.#deps.manifests, channel);
    const property = request.property ?? principal.property ?? DEFAULT_PROPERTY;
    if (principal.property !== null && property !== principal.property)
      throw new BellhopError('forbidden', { pointer: 'property', detail: 'The key belongs to another property.' });
    if (!propertyId.safeParse(property).success) throw new BellhopError('invalid_request', { pointer: 'property' });
    const settings = request.settings ?? {};
    const session = await this.#deps.store.createSession({ id, channel, property, settings });
    this.#deps.supervisor.add(session);
    return session;
  }

  async updateSettings(principal: Principal, id: string, settings: JsonObject): Promise<Session> {
    await this.#stored(principal, id);
    return this.#deps.store.updateSessionSettings(id, settings);
  }

  async remove(principal: Principal, id: string): Promise<void> {
    await this.#stored(principal, id);
    await this.#deps.supervisor.remove(id);
    await this.#deps.store.deleteSession(id);
  }

  async start(principal: Principal, id: string): Promise<Session> {
    const { runner } = await this.#running(principal, id);
    // A temporary ban of the network ends here, never by the clock.
    await this.#deps.store.liftBan(id);
    await runner.start();
    return this.#stored(principal, id);
  }

  async stop(principal: Principal, id: string): Promise<Session> {
    const { runner, linking } = await this.#running(principal, id);
    await linking.cancel();
    await runner.stop();
    return this.#stored(principal, id);
  }

  async restart(principal: Principal, id: string): Promise<Session> {
    await this.stop(principal, id);
    return this.start(principal, id);
  }

  async beginLink(
    principal: Principal,
    id: string,
    request: { method?: string | undefined; phone?: string | undefined },
  ): Promise<LinkView> {
    const { runner, linking } = await this.#running(principal, id);
    const flow = this.#readFlow(await this.#stored(principal, id), request);
    return view(id, await runner.link((handle) => linking.begin(handle, flow)));
  }

  currentLink(principal: Principal, id: string): LinkView {
    const session = this.#deps.supervisor.find(id);
    if (session === undefined || !isVisible(principal, session.property)) throw new BellhopError('not_found');
    return view(id, session.linking.current());
  }

  async answerLink(principal: Principal, id: string, input: Readonly<Record<string, string>>): Promise<LinkView> {
    const { linking } = await this.#running(principal, id);
    return view(id, await linking.answer(input));
  }

  #readFlow(session: Session, request: { method?: string | undefined; phone?: string | undefined }): LoginFlow {
    const manifest = findManifest(this.#deps.manifests, session.channel);
    const method = request.method ?? manifest.linkMethods[0];
    if (!manifest.linkMethods.includes(method))
      throw new BellhopError('link_method_unsupported', {
        pointer: 'method',
        detail: `Methods of this channel: ${manifest.linkMethods.join(', ')}.`,
      });
    if (request.phone === undefined) return { method };
    const { kind, address } = readAddress(manifest, request.phone, 'phone');
    if (kind !== 'direct' || !address.startsWith('+'))
      throw new BellhopError('invalid_address', { pointer: 'phone', detail: 'Expected E.164, e.g. +4915112345678.' });
    return { method, phone: address };
  }

  async #stored(principal: Principal, id: string): Promise<Session> {
    const session = await this.#deps.store.getSession(id);
    if (session === null || !isVisible(principal, session.property)) throw new BellhopError('not_found');
    return session;
  }

  /** The runner of a stored session; one that another process has created meanwhile (the CLI) joins here. */
  async #running(principal: Principal, id: string): Promise<SupervisedSession> {
    const session = await this.#stored(principal, id);
    return this.#deps.supervisor.find(id) ?? this.#deps.supervisor.add(session);
  }
}

function isVisible(principal: Principal, property: string): boolean {
  return principal.property === null || principal.property === property;
}

function view(sessionId: string, step: LoginStep): LinkView {
  return { sessionId, step };
}
