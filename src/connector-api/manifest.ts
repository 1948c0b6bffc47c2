import type { z } from 'zod';
import type { Random } from '../core/random.ts';
import type { Address } from './address.ts';
import type { Capabilities } from './capabilities.ts';
import type { ClientVersion } from './client-version.ts';
import type { DisconnectRow } from './disconnect.ts';
import type { CanaryAnswerer } from './liveness.ts';

export type AddressReading =
  | { readonly ok: true; readonly kind: 'direct' | 'group'; readonly address: Address }
  | { readonly ok: false; readonly expected: string };

/**
 * What the daemon knows of a connector without loading its library. Everything here is pure and cheap: it is imported at
 * start-up, while `ConnectorModule` is loaded in the child when the first session of the channel opens.
 */
export interface ConnectorManifest<C = unknown> {
  readonly channel: string;
  readonly displayName: string;
  /** npm package whose absence means that the channel is not installed. */
  readonly library: string;
  /** Packages of which any one will do in its place; the session says what it lacks. */
  readonly alternativeLibraries?: readonly string[];
  /** What `channels.<channel>` may hold; also the source of its part of the config reference. */
  readonly configSchema: z.ZodType<C>;
  /** Ways to link an account; the first is the default. */
  readonly linkMethods: readonly [string, ...string[]];
  /** Every `Account.kind` that this connector gives, where it knows several; each is a column of the connector table. */
  readonly accountKinds?: readonly [string, ...string[]];
  /**
   * `accountKind` is the `kind` of the session's account; absent while no account is known, or where it has none. Then what every
   * kind of account can do.
   */
  capabilitiesFor(kind: 'direct' | 'group', accountKind?: string): Capabilities;
  /** Reads what a caller wrote into the canonical form, e.g. `0049 151…` is refused and `+49151…` kept. */
  parseAddress(text: string): AddressReading;
  /** The network's id for an outbound message, chosen by us and stored before the first byte. */
  createMessageId(random: Random): string;
  /** The network's own servers are replaced by a private endpoint: only then may pacing be off. */
  isPrivateEndpoint(config: C): boolean;
  /** Whether the network tells of each message that it reached the other side, whatever program runs there. Absent = no. */
  readonly tellsDelivery?: boolean;
  /** How connections end: the rows of `docs/reference/disconnects.md`, one for each code at least. */
  readonly disconnects?: readonly DisconnectRow[];
  /** Who answers a canary, where sessions of this channel can send one. */
  readonly canaryAnsweredBy?: CanaryAnswerer;
  /**
   * Client versions that a session may announce, newest first; absent where the network knows no such thing, empty for a kind of
   * account that has none.
   */
  clientVersions?(config: C, accountKind?: string): readonly ClientVersion[];
  /** Those of them that this release ships; what the configuration adds is the operator's. */
  readonly shippedVersions?: readonly ClientVersion[];
  /**
   * What puts versions in order: compared number by number, the greater is the newer. Undefined: this release cannot announce it.
   * Absent = only what `clientVersions` lists can be announced.
   */
  versionOrder?(version: ClientVersion): readonly number[] | undefined;
  /**
   * The newest version that the network publishes, where it does; undefined where it cannot be had. Asked when a version is refused.
   * Only a candidate: believed once it has been accepted. May reject.
   */
  liveVersion?(config: C, options: { readonly signal: AbortSignal }): Promise<ClientVersion | undefined>;
}
