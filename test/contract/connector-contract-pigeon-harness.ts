import type { ConnectorEvent, InboundContent } from '../../src/connector-api/index.ts';
import type { AccountSide, ConnectorHarness, GroupSide, GuestSide, KitFile } from './connector-contract-harness.ts';
import { pigeonConnector } from './connector-contract-pigeon.ts';
import { PIGEON_KIND } from './connector-contract-pigeon-login.ts';
import type { Mistake } from './connector-contract-pigeon-mistakes.ts';
import type { PigeonAccount, PigeonGuest, PigeonWord } from './connector-contract-pigeon-network.ts';
import { PigeonNetwork } from './connector-contract-pigeon-network.ts';

/** The network's side of the pigeon post, complete: every verb and every lever. */
export function pigeonHarness(
  mistake?: Mistake,
  patienceMs?: number,
  options: { readonly givesIds: boolean } = { givesIds: false },
): ConnectorHarness {
  const network = new PigeonNetwork(options);
  const accounts = new Map<AccountSide, PigeonAccount>();
  return {
    connector: pigeonConnector(network, mistake),
    addresses: { direct: ['id:100001'], group: ['group:77'], refused: ['+4915112345678', 'id:', 'nobody'] },
    accountKind: PIGEON_KIND,
    without: {},
    networkGivesIds: options.givesIds,
    ...(patienceMs === undefined ? {} : { patienceMs }),
    startNetwork: async () => ({
      config: { loft: 'here' },
      createAccount: async () => {
        const account = network.account();
        const side = accountSide(account, network);
        accounts.set(side, account);
        return side;
      },
      createGuest: async (side) => {
        const account = accounts.get(side);
        if (account === undefined) throw new Error('not an account of this network');
        return guestSide(account, network.guest(account));
      },
      stop: async () => undefined,
    }),
  };
}

function accountSide(account: PigeonAccount, network: PigeonNetwork): AccountSide {
  const refuse = (word: PigeonWord) => () => {
    account.refusal = word;
    account.end(word);
  };
  return {
    address: account.address,
    secrets: [account.password],
    flow: (method) => ({ method }),
    satisfy: async (step) => (step.type === 'input' ? { password: account.password } : undefined),
    wrongAnswer: () => ({ password: 'kit-wrong' }),
    cutLine: () => account.end('lost'),
    beginOutage: refuse('away'),
    endOutage: () => {
      account.refusal = undefined;
    },
    refusals: () => [
      { name: 'another place', kind: 'replaced', at: 'live', strike: () => account.end('replaced') },
      { name: 'ban', kind: 'banned', at: 'live', strike: refuse('banned') },
      { name: 'unlink', kind: 'logged_out', at: 'live', strike: refuse('unlinked') },
      { name: 'ban at login', kind: 'banned', at: 'login', strike: refuse('banned') },
    ],
    loseNextAcknowledgement: () => {
      account.losesNextAcknowledgement = true;
    },
    holdDeliveries: () => account.hold(),
    releaseReversed: () => account.releaseReversed(),
    ignoreNextSend: () => ({ taken: account.ignoreNextSend() }),
    stallConnections: () => {
      account.isStalled = true;
    },
    createGroup: async (): Promise<GroupSide> => {
      const [first, second] = [network.guest(account), network.guest(account)];
      const chat = { kind: 'group', addresses: ['group:77'] } as const;
      const speaker = new Speaker(account, first, chat);
      const members = [guestSide(account, first), guestSide(account, second)] as const;
      return { chat, members, say: (body) => speaker.put({ type: 'text', body }) };
    },
  };
}

/** What a guest says becomes a parcel for the account. */
class Speaker {
  readonly #account: PigeonAccount;
  readonly #guest: PigeonGuest;
  readonly #chat: Extract<ConnectorEvent, { type: 'message' }>['message']['chat'];
  static #serial = 0;

  constructor(
    account: PigeonAccount,
    guest: PigeonGuest,
    chat: Extract<ConnectorEvent, { type: 'message' }>['message']['chat'],
  ) {
    this.#account = account;
    this.#guest = guest;
    this.#chat = chat;
  }

  async put(
    content: InboundContent,
    more: { replyTo?: string; bytes?: Uint8Array; albumId?: string; forwarded?: boolean } = {},
  ): Promise<string> {
    const networkId = Speaker.nextId();
    const message = {
      networkId,
      chat: this.#chat,
      sender: { addresses: [this.#guest.address] },
      direction: 'inbound',
      content,
      sentAt: Date.now(),
      ...(more.replyTo === undefined ? {} : { replyTo: { networkId: more.replyTo } }),
      ...(more.albumId === undefined ? {} : { albumId: more.albumId }),
      ...(more.forwarded === undefined ? {} : { forwarded: more.forwarded }),
    } as const;
    this.#account.put({ type: 'message', message }, networkId, more.bytes);
    return networkId;
  }

  putFile({ kind, mimeType, bytes }: KitFile, albumId?: string): Promise<string> {
    const attachment = { kind, status: 'unavailable', mimeType, reason: 'on the way' } as const;
    const content = { type: 'media', attachments: [attachment] } as const;
    return this.put(content, { bytes, ...(albumId === undefined ? {} : { albumId }) });
  }

  tell(event: ConnectorEvent): void {
    this.#account.put(event, Speaker.nextId());
  }

  static nextId(): string {
    Speaker.#serial += 1;
    return `guest-${Speaker.#serial}`;
  }
}

function guestSide(account: PigeonAccount, guest: PigeonGuest): GuestSide {
  const chat = { kind: 'direct', addresses: [guest.address] } as const;
  const speaker = new Speaker(account, guest, chat);
  const by = { addresses: [guest.address] } as const;
  const at = Date.now();
  return {
    addresses: [guest.address],
    seen: () => guest.seen,
    say: (body) => speaker.put({ type: 'text', body }),
    reply: (replyTo, body) => speaker.put({ type: 'text', body }, { replyTo }),
    sayFormatted: (body, entities) => speaker.put({ type: 'text', body, entities }),
    forward: (body) => speaker.put({ type: 'text', body }, { forwarded: true }),
    sendFile: (file) => speaker.putFile(file),
    sendAlbum: (files) => {
      const albumId = `album-${Speaker.nextId()}`;
      return Promise.all(files.map((file) => speaker.putFile(file, albumId)));
    },
    press: async (replyTo, buttonId) => {
      const [label = ''] = guest.seen.flatMap((item) =>
        item.type === 'text' && item.networkId === replyTo
          ? (item.buttons ?? []).filter(({ id }) => id === buttonId).map((button) => button.label)
          : [],
      );
      await speaker.put({ type: 'button', buttonId, label }, { replyTo });
    },
    vote: async (networkId, options) =>
      speaker.tell({ type: 'poll_vote', chat, target: { networkId }, by, fromAccount: false, options, at }),
    sendLocation: (location) => speaker.put({ type: 'location', location }),
    sendContact: (contact) => speaker.put({ type: 'contacts', contacts: [contact] }),
    sendPoll: (poll) => speaker.put({ type: 'poll', poll }),
    react: async (networkId, emoji) =>
      speaker.tell({ type: 'reaction', chat, target: { networkId }, by, fromAccount: false, emoji, at }),
    edit: async (networkId, body) => speaker.tell({ type: 'edited', chat, target: { networkId }, body, at }),
    erase: async (networkId) => speaker.tell({ type: 'deleted', chat, target: { networkId }, at }),
    read: async () => {
      for (const networkId of guest.unread.splice(0)) {
        speaker.tell({ type: 'receipt', receipt: { chat, networkIds: [networkId], status: 'read', at } });
      }
    },
    startTyping: async () => speaker.tell({ type: 'typing', chat, by: guest.address, on: true }),
  };
}
