import type { ContactCard } from '../../../src/connector-api/index.ts';
import type {
  AccountSide,
  GroupSide,
  GuestSide,
  KitFile,
  NetworkSide,
  Refusal,
  Seen,
} from '../../../test/contract/connector-contract-harness.ts';
import type { Guest } from '../simulator/people/guest.ts';
import type { Phone } from '../simulator/people/phone.ts';
import type { SaidContent } from '../simulator/people/said-content.ts';
import type { SeenItem } from '../simulator/people/seen-item.ts';
import type { DutyWatch } from './duties-support.ts';
import { phoneAddress, Town } from './session-support.ts';

const BAN_CODE = { code: 104, expireSeconds: 3_600 };

/** The simulated network as the conformance kit works it. */
export async function startConformanceNetwork(duties: DutyWatch): Promise<NetworkSide> {
  const town = new Town();
  await town.start();
  duties.network = town.network;
  const hotels = new Map<AccountSide, Hotel>();
  return {
    config: town.config,
    createAccount: async () => {
      const hotel = new Hotel(town);
      const side = hotel.side();
      hotels.set(side, hotel);
      return side;
    },
    createGuest: async (account) => {
      const hotel = hotels.get(account);
      if (hotel === undefined) throw new Error('not an account of this network');
      return guestSide(hotel.guest());
    },
    reset: () => {
      town.network.faults.clear();
      duties.check();
    },
    stop: () => town.stop(),
  };
}

/** A hotel's phone, the device that was linked to it, and the guests who know its number. */
class Hotel {
  readonly #town: Town;
  readonly #phone: Phone;
  readonly #guests: Guest[] = [];

  constructor(town: Town) {
    this.#town = town;
    this.#phone = town.phone();
  }

  guest(): Guest {
    const guest = this.#town.guest(this.#phone);
    this.#guests.push(guest);
    return guest;
  }

  side(): AccountSide {
    const { faults } = this.#town.network;
    const phone = this.#phone;
    const address = phoneAddress(phone.pn);
    return {
      address,
      secrets: [],
      flow: (method) => (method === 'code' ? { method, phone: address } : { method }),
      satisfy: async (step) => {
        if (step.type !== 'display') throw new Error(`nothing to do for ${step.type}`);
        await (step.display === 'qr' ? phone.scan(step.data) : phone.enterCode(step.data));
        return undefined;
      },
      cutLine: () => faults.cut(this.#device),
      beginOutage: () => faults.outage(this.#device),
      endOutage: () => faults.lift(this.#device),
      refusals: () => this.#refusals(),
      loseNextAcknowledgement: () => faults.dropNextReceipt(this.#device),
      ignoreNextSend: () => this.#ignoreNextSend(),
      stallConnections: () => faults.stall('handshake'),
      createGroup: async () => this.#createGroup(),
    };
  }

  get #device(): string {
    const [device] = this.#phone.companions();
    if (device === undefined) throw new Error('no device is linked');
    return device;
  }

  #refusals(): readonly Refusal[] {
    const { faults } = this.#town.network;
    return [
      { name: 'another client', kind: 'replaced', at: 'live', strike: () => faults.replace(this.#device) },
      { name: 'ban', kind: 'banned', at: 'live', strike: () => faults.ban(this.#device) },
      { name: 'temporary ban', kind: 'restricted', at: 'live', strike: () => faults.tempBan(this.#device, BAN_CODE) },
      { name: 'unlinked', kind: 'logged_out', at: 'live', strike: () => this.#phone.removeCompanion(this.#device) },
      { name: 'restart', kind: 'restart_required', at: 'live', strike: () => faults.streamError(this.#device, 515) },
      {
        name: 'old version',
        kind: 'client_outdated',
        at: 'login',
        strike: () => faults.refuseLogins(this.#device, 405),
      },
    ];
  }

  /** A receipt of the guest would tell what the lost acknowledgement does not, so guests are away until the message after it. */
  #ignoreNextSend(): { taken: Promise<unknown> } {
    const { faults, traffic } = this.#town.network;
    for (const guest of this.#guests) guest.goOffline();
    faults.onNextMessage(this.#device, { drop: true });
    const taken = traffic.next({ kind: 'message' });
    void taken
      .then(() => traffic.next({ kind: 'message' }))
      .then(() => {
        for (const guest of this.#guests) guest.goOnline();
      });
    return { taken };
  }

  #createGroup(): GroupSide {
    const [first, second] = [this.guest(), this.guest()];
    const group = first.createGroup('Kit family', [second.lid, this.#phone.lid]);
    return {
      chat: { kind: 'group', addresses: [`group:${group.replace('@g.us', '')}`] },
      members: [guestSide(first), guestSide(second)],
      say: (text) => first.say(text, group),
    };
  }
}

function guestSide(guest: Guest): GuestSide {
  return {
    addresses: [phoneAddress(guest.pn)],
    seen: () => guest.inbox.items.flatMap(toSeen),
    say: (text) => guest.say(text),
    reply: (toId, text) => guest.reply(toId, text),
    forward: (text) => guest.send(guest.hotel, { kind: 'text', text, forwarded: true }),
    sendFile: (file) => guest.send(guest.hotel, toSaid(file)),
    sendLocation: (location) => guest.send(guest.hotel, { kind: 'location', ...location }),
    sendContact: (contact) => guest.send(guest.hotel, toCard(contact)),
    sendPoll: ({ question, options }) => guest.send(guest.hotel, { kind: 'poll', question, options }),
    react: async (toId, emoji) => void (await guest.react(toId, emoji)),
    edit: async (id, text) => void (await guest.edit(id, text)),
    erase: async (id) => void (await guest.delete(id)),
    read: async () => void (await guest.read()),
    startTyping: () => guest.startTyping(guest.hotel),
  };
}

function toSaid({ kind, bytes, mimeType, filename }: KitFile): SaidContent {
  return kind === 'file' ? { kind, bytes, mimeType, fileName: filename ?? 'file' } : { kind, bytes, mimeType };
}

function toCard({ name, phones }: ContactCard): SaidContent {
  const numbers = phones.map((phone) => `TEL;type=CELL:${phone}`);
  return {
    kind: 'contact',
    name,
    vcard: ['BEGIN:VCARD', 'VERSION:3.0', `FN:${name}`, ...numbers, 'END:VCARD'].join('\n'),
  };
}

function toSeen(item: SeenItem): readonly Seen[] {
  switch (item.type) {
    case 'receipt':
      return item.mark === 'read' ? item.ids.map((target) => ({ type: 'read', target })) : [];
    case 'chat_state':
      if (item.state !== 'composing' && item.state !== 'paused') return [];
      return [{ type: 'typing', on: item.state === 'composing' }];
    case 'unreadable':
      return [];
    case 'message':
      return item.fromMe ? [] : [toSeenMessage(item)].filter((seen) => seen !== undefined);
  }
}

function toSeenMessage({ id: networkId, content, quotedId }: Extract<SeenItem, { type: 'message' }>): Seen | undefined {
  switch (content.kind) {
    case 'text':
      return { type: 'text', networkId, body: content.text, ...(quotedId === undefined ? {} : { replyTo: quotedId }) };
    case 'location': {
      const { latitude, longitude, name } = content;
      return {
        type: 'location',
        networkId,
        location: { latitude, longitude, ...(name === undefined ? {} : { name }) },
      };
    }
    case 'contact':
      return { type: 'contacts', networkId, names: [content.name] };
    case 'poll':
      return { type: 'poll', networkId, poll: content };
    case 'reaction':
      return { type: 'reaction', target: content.targetId, emoji: content.emoji };
    case 'edit':
      return { type: 'edited', target: content.targetId, body: content.text };
    case 'delete':
      return { type: 'deleted', target: content.targetId };
    case 'broken_media':
    case 'other':
      return undefined;
    default: {
      const { kind, bytes, mimeType, fileName, caption } = content;
      const named = fileName === undefined ? {} : { filename: fileName };
      return {
        type: 'media',
        networkId,
        kind,
        bytes,
        mimeType,
        ...named,
        ...(caption === undefined ? {} : { body: caption }),
      };
    }
  }
}
