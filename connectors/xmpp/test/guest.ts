import type { Client, Element } from '@xmpp/client';
import { client, xml } from '@xmpp/client';
import type { GuestSide, Seen } from '../../../test/contract/connector-contract-harness.ts';
import { PROSODY_DOMAIN } from '../../../test/support/prosody.ts';

const RECEIPTS = 'urn:xmpp:receipts';
const MARKERS = 'urn:xmpp:chat-markers:0';
const STATES = 'http://jabber.org/protocol/chatstates';

/** A guest with the library's own client, straight at the server: confirms what arrives, as phones do. */
export class XmppGuest {
  readonly address: string;
  readonly #hotel: string;
  readonly #client: Client;
  readonly #seen: Seen[] = [];
  readonly #unread: string[] = [];
  #serial = 0;

  constructor(deps: { name: string; password: string; port: number; hotel: string; resource?: string }) {
    this.address = `${deps.name}@${PROSODY_DOMAIN}`;
    this.#hotel = deps.hotel;
    this.#client = client({
      service: `xmpp://127.0.0.1:${deps.port}`,
      domain: PROSODY_DOMAIN,
      resource: deps.resource ?? 'phone',
      credentials: async (authenticate) => authenticate({ username: deps.name, password: deps.password }, 'PLAIN'),
    });
    this.#client.on('error', () => undefined);
    this.#client.on('stanza', (stanza: Element) => {
      if (stanza.name === 'message') this.#see(stanza);
    });
  }

  async start(): Promise<void> {
    this.#client.reconnect.stop();
    const enabled = new Promise<void>((resolve) => {
      this.#client.on('nonza', (element: Element) => {
        if (element.name === 'enabled') setImmediate(resolve); // the library then has begun its own count
      });
    });
    await Promise.all([this.#client.start(), enabled]);
    await this.#client.send(xml('presence'));
  }

  async stop(): Promise<void> {
    await this.#client.stop();
  }

  side(): GuestSide {
    return {
      addresses: [this.address],
      seen: () => this.#seen,
      say: (text) => this.say(text),
      read: async () => {
        for (const id of this.#unread.splice(0)) await this.#note(xml('displayed', { xmlns: MARKERS, id }));
      },
      startTyping: () => this.#note(xml('composing', { xmlns: STATES })),
    };
  }

  async say(text: string): Promise<string> {
    this.#serial += 1;
    const id = `${this.address}-${this.#serial}`.replaceAll('@', '.');
    const attrs = { type: 'chat', to: this.#hotel, id };
    await this.#client.send(xml('message', attrs, xml('body', {}, text), xml('request', { xmlns: RECEIPTS })));
    await this.#settled();
    return id;
  }

  async #note(child: Element): Promise<void> {
    await this.#client.send(xml('message', { type: 'chat', to: this.#hotel }, child));
    await this.#settled();
  }

  /** Asks another client whether it is there (XEP-0199); resolves with the type of its answer. */
  async ping(fullAddress: string): Promise<string | undefined> {
    const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });
    return (await this.#client.iqCaller.request(xml('iq', { type: 'get', to: fullAddress }, ping))).attrs['type'];
  }

  /** The server works in order: once it answers, it has taken what was said before. */
  async #settled(): Promise<void> {
    const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });
    await this.#client.iqCaller.request(xml('iq', { type: 'get', to: PROSODY_DOMAIN }, ping));
  }

  #see(stanza: Element): void {
    if (stanza.attrs['type'] === 'error') return;
    const body = stanza.getChildText('body');
    const id = stanza.attrs['id'] ?? '';
    if (body !== null) {
      this.#seen.push({ type: 'text', networkId: id, body });
      this.#unread.push(id);
      if (stanza.getChild('request', RECEIPTS))
        this.#note(xml('received', { xmlns: RECEIPTS, id })).catch(() => undefined); // the guest is gone
      return;
    }
    if (stanza.getChild('composing', STATES)) this.#seen.push({ type: 'typing', on: true });
    if (stanza.getChild('paused', STATES)) this.#seen.push({ type: 'typing', on: false });
    const target = stanza.getChild('displayed', MARKERS)?.attrs['id'];
    if (target !== undefined) this.#seen.push({ type: 'read', target });
  }
}
