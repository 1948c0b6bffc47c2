import type {
  Address,
  AttachmentKind,
  Button,
  Capabilities,
  Chat,
  Connector,
  ContactCard,
  DisconnectKind,
  Location,
  LoginFlow,
  LoginStep,
  Poll,
  TextEntity,
} from '../../src/connector-api/index.ts';

/** A file as somebody on the network sends or sees it. */
export interface KitFile {
  readonly kind: AttachmentKind;
  readonly bytes: Uint8Array;
  readonly mimeType: string;
  readonly filename?: string;
  readonly body?: string;
}

/** What a guest saw of the account, oldest first. `networkId` and `target` are the network's own ids. */
export type Seen =
  | {
      readonly type: 'text';
      readonly networkId: string;
      readonly body: string;
      readonly replyTo?: string;
      readonly entities?: readonly TextEntity[];
      readonly buttons?: readonly Button[];
    }
  | ({ readonly type: 'media'; readonly networkId: string; readonly entities?: readonly TextEntity[] } & KitFile)
  /** Several files shown as one, under the id that `send` resolved with; `body` is their one caption. */
  | {
      readonly type: 'album';
      readonly networkId: string;
      readonly files: readonly KitFile[];
      readonly body?: string;
      readonly entities?: readonly TextEntity[];
    }
  | { readonly type: 'location'; readonly networkId: string; readonly location: Location }
  | { readonly type: 'contacts'; readonly networkId: string; readonly names: readonly string[] }
  | { readonly type: 'poll'; readonly networkId: string; readonly poll: Omit<Poll, 'multiple'> }
  | { readonly type: 'reaction'; readonly target: string; readonly emoji: string }
  | { readonly type: 'edited'; readonly target: string; readonly body: string }
  | { readonly type: 'deleted'; readonly target: string }
  | { readonly type: 'typing'; readonly on: boolean }
  | { readonly type: 'read'; readonly target: string };

/**
 * A guest with a client of their own, whose software confirms delivery by itself. Verbs resolve once the network has taken
 * what was said. A verb may be missing only where the connector does not claim the capability.
 */
export interface GuestSide {
  readonly addresses: readonly [Address, ...Address[]];
  seen(): readonly Seen[];
  /** All resolve with the network id of what was said. */
  say(text: string): Promise<string>;
  reply?(toId: string, text: string): Promise<string>;
  sayFormatted?(text: string, entities: readonly TextEntity[]): Promise<string>;
  /** Passes on what somebody else said. */
  forward?(text: string): Promise<string>;
  sendFile?(file: KitFile): Promise<string>;
  /** Resolves with an id for each file, in order. */
  sendAlbum?(files: readonly KitFile[]): Promise<readonly string[]>;
  sendLocation?(location: Location): Promise<string>;
  sendContact?(contact: ContactCard): Promise<string>;
  sendPoll?(poll: Poll): Promise<string>;
  /** Presses a button under a message of the account. */
  press?(toId: string, buttonId: string): Promise<void>;
  /** Votes in a poll of the account, by places in its options; none takes the vote back. */
  vote?(pollId: string, options: readonly number[]): Promise<void>;
  react?(toId: string, emoji: string): Promise<void>;
  edit?(id: string, text: string): Promise<void>;
  erase?(id: string): Promise<void>;
  /** Reads everything that the account wrote. */
  read?(): Promise<void>;
  startTyping?(): Promise<void>;
}

/** A group that the account and two guests are members of. */
export interface GroupSide {
  readonly chat: Chat;
  readonly members: readonly [GuestSide, GuestSide];
  /** The first member says something in the group. */
  say(text: string): Promise<string>;
}

/** A way in which the network ends a connection or keeps it from opening. */
export interface Refusal {
  readonly name: string;
  readonly kind: DisconnectKind;
  /** `live`: a connection that stands is ended by it. `login`: the next `connect` is refused. */
  readonly at: 'live' | 'login';
  strike(): Promise<void> | void;
}

/** An account on the network that a session can be linked to, and what can befall it. */
export interface AccountSide {
  readonly address: Address;
  /** How `beginLogin` is called for a link method of the manifest. */
  flow(method: string): LoginFlow;
  /** Does what the step asks of a person; resolves with what is typed into the daemon, if anything. */
  satisfy(step: LoginStep): Promise<Readonly<Record<string, string>> | undefined>;
  /** What must never be seen in a log. */
  readonly secrets: readonly string[];

  // Levers. Each is given, or explained in `ConnectorHarness.without`.

  /** What a person may type that the network refuses; undefined for a step that the network does not look at. */
  wrongAnswer?(step: LoginStep): Readonly<Record<string, string>> | undefined;
  /** The line breaks without a word. */
  cutLine?(): Promise<void> | void;
  /** Nobody can connect any more, and what was connected is cut; `endOutage` undoes it. */
  beginOutage?(): Promise<void> | void;
  endOutage?(): Promise<void> | void;
  /** Asked afresh for each test. */
  refusals?(): readonly Refusal[];
  /** The network never learns that the next message for the account was received; it hands it over again later. */
  loseNextAcknowledgement?(): Promise<void> | void;
  /** Holds what comes for the account, and hands it over in reverse order when `releaseReversed` is called. */
  holdDeliveries?(): Promise<void> | void;
  releaseReversed?(): Promise<void> | void;
  /** The account's next message gets no answer from the network. `taken` resolves when the network has the message. */
  ignoreNextSend?(): { readonly taken: Promise<unknown> };
  /** New connections are left waiting. */
  stallConnections?(): Promise<void> | void;
  createGroup?(): Promise<GroupSide>;
}

/** Names of what `AccountSide` may leave out, and of what not every network tells: receipts, what guests type, what they delete. */
export type Lever =
  | 'wrongAnswer'
  | 'cutLine'
  | 'beginOutage'
  | 'refusals'
  | 'loseNextAcknowledgement'
  | 'holdDeliveries'
  | 'ignoreNextSend'
  | 'stallConnections'
  | 'createGroup'
  | 'receipts'
  | 'guestTyping'
  | 'guestDeletions';

/** The network's side, started once a suite. */
export interface NetworkSide {
  /** `channels.<channel>` that leads a session to this network. */
  readonly config: Readonly<Record<string, unknown>>;
  createAccount(): Promise<AccountSide>;
  createGuest(account: AccountSide): Promise<GuestSide>;
  /** Undoes what levers left; called after each test. */
  reset?(): Promise<void> | void;
  stop(): Promise<void>;
}

/** What the kit needs of a connector and its network. */
export interface ConnectorHarness {
  readonly connector: Connector<unknown>;
  /** Of the accounts that this network makes, where the channel knows several kinds; each kind has a harness of its own. */
  readonly accountKind?: string;
  readonly addresses: {
    readonly direct: readonly [string, ...string[]];
    /** Empty where the channel has no groups. */
    readonly group: readonly string[];
    readonly refused: readonly [string, ...string[]];
  };
  /** Levers that this network cannot pull, each with its reason. A lever that is neither given nor explained fails the suite. */
  readonly without: Readonly<Partial<Record<Lever, string>>>;
  /** The network names messages itself: `send` resolves with an id that is not the chosen one, and which the guest sees. */
  readonly networkGivesIds?: boolean;
  startNetwork(): Promise<NetworkSide>;
  /** How long the kit waits for something that must come; milliseconds. */
  readonly patienceMs?: number;
}

/** What the connector claims for a direct chat of the accounts that are tried. */
export function claimsOf({ connector, accountKind }: ConnectorHarness): Capabilities {
  return connector.manifest.capabilitiesFor('direct', accountKind);
}

/** A verb of the network's side; without it a claim of the connector cannot be tried, which is a failure. */
export function need<T extends object, K extends keyof T>(side: T, verb: K): NonNullable<T[K]> {
  const found = side[verb];
  if (typeof found !== 'function') throw new Error(`claimed, but the network side has no verb "${String(verb)}"`);
  return found.bind(side) as NonNullable<T[K]>;
}
