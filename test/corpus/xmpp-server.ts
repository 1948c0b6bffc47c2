import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';

const DOMAIN = 'localhost';
/** One thing that a client says: the XML declaration, the stream, or an element with all that is in it. */
const PIECE =
  /^\s*(<\?xml[^>]*\?>|<stream:stream[^>]*>|<\/stream:stream>|<([\w:]+)\b[^>]*\/>|<([\w:]+)\b[^>]*>[\s\S]*?<\/\3>)/;
const STREAMS = 'urn:ietf:params:xml:ns:xmpp-streams';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const MANAGEMENT = 'urn:xmpp:sm:3';

interface Client {
  readonly socket: Socket;
  isIn: boolean;
  jid: string;
  stanzas: number;
}

/** As much of an XMPP server as one client needs that is alone, and every way in which it may end a stream or refuse one. */
export class XmppServer {
  readonly #server: Server = createServer((socket) => this.#accept(socket));
  readonly #clients = new Set<Client>();
  #serial = 0;
  /** A condition of SASL with which logins fail. */
  refuseLogins: string | undefined;
  /** A condition of streams with which they end as soon as they are opened. */
  refuseStreams: string | undefined;
  /** The same, as soon as the login is complete. */
  endAfterLogin: string | undefined;
  offersManagement = true;
  /** Hears, and says nothing. */
  isMute = false;

  /** Resolves with the port. */
  start(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { socket } of this.#clients) socket.destroy();
    await closed;
  }

  mend(): void {
    this.refuseLogins = undefined;
    this.refuseStreams = undefined;
    this.endAfterLogin = undefined;
    this.offersManagement = true;
    this.isMute = false;
  }

  /** Ends the streams that are open now. What stands behind a space is the text of the condition. */
  endStreams(condition: string): void {
    for (const client of this.#clients) this.#end(client, condition);
  }

  #accept(socket: Socket): void {
    const client: Client = { socket, isIn: false, jid: '', stanzas: 0 };
    this.#clients.add(client);
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('close', () => this.#clients.delete(client));
    let unread = '';
    socket.on('data', (chunk: Buffer | string) => {
      unread += chunk.toString();
      for (let piece = PIECE.exec(unread); piece !== null; piece = PIECE.exec(unread)) {
        unread = unread.slice(piece[0].length);
        this.#hear(client, piece[1] ?? '');
      }
    });
  }

  #hear(client: Client, piece: string): void {
    if (/^<(?:iq|message|presence)\b/.test(piece)) client.stanzas += 1;
    if (piece.startsWith('<stream:stream')) this.#open(client);
    else if (piece.startsWith('</stream:stream')) client.socket.end('</stream:stream>');
    else if (piece.startsWith('<auth')) this.#logIn(client, piece);
    else if (piece.startsWith('<enable')) this.#manage(client);
    else if (piece.startsWith('<resume')) {
      this.#say(
        client,
        `<failed xmlns='${MANAGEMENT}'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`,
      );
    } else if (piece.startsWith('<r ') || piece.startsWith('<r/')) {
      this.#say(client, `<a xmlns='${MANAGEMENT}' h='${String(client.stanzas)}'/>`);
    } else if (piece.startsWith('<iq')) this.#answer(client, piece);
    else if (piece.startsWith('<message') && piece.includes(client.jid))
      this.#say(client, piece.replace('<message', `<message from='${client.jid}'`));
  }

  #open(client: Client): void {
    this.#serial += 1;
    const head = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='${DOMAIN}' id='s${String(this.#serial)}' version='1.0'>`;
    this.#say(client, head);
    if (this.refuseStreams !== undefined) {
      this.#end(client, this.refuseStreams);
      return;
    }
    const management = this.offersManagement ? `<sm xmlns='${MANAGEMENT}'/>` : '';
    const features = client.isIn
      ? `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>${management}`
      : `<mechanisms xmlns='${SASL}'><mechanism>PLAIN</mechanism></mechanisms>`;
    this.#say(client, `<stream:features>${features}</stream:features>`);
  }

  #logIn(client: Client, piece: string): void {
    if (this.refuseLogins !== undefined) {
      this.#say(client, `<failure xmlns='${SASL}'><${this.refuseLogins}/></failure>`);
      return;
    }
    const [, secret = ''] = />([^<]*)</.exec(piece) ?? [];
    const [, name = ''] = Buffer.from(secret, 'base64').toString('utf8').split('\0');
    client.isIn = true;
    client.jid = `${name}@${DOMAIN}`;
    this.#say(client, `<success xmlns='${SASL}'/>`);
  }

  #manage(client: Client): void {
    if (!this.offersManagement) {
      this.#say(
        client,
        `<failed xmlns='${MANAGEMENT}'><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`,
      );
      return;
    }
    client.stanzas = 0;
    this.#say(client, `<enabled xmlns='${MANAGEMENT}' id='m${String(this.#serial)}' resume='true'/>`);
    const { endAfterLogin } = this;
    if (endAfterLogin !== undefined) setImmediate(() => this.#end(client, endAfterLogin));
  }

  #answer(client: Client, piece: string): void {
    const [, id = ''] = /\bid=["']([^"']*)["']/.exec(piece) ?? [];
    const [, resource = 'bellhop'] = /<resource>([^<]*)</.exec(piece) ?? [];
    if (/\btype=["'](?:result|error)["']/.test(piece)) return;
    const bound = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>${client.jid}/${resource}</jid></bind>`;
    this.#say(client, `<iq type='result' id='${id}' from='${DOMAIN}'>${piece.includes('<bind') ? bound : ''}</iq>`);
  }

  #end(client: Client, condition: string): void {
    const [name, text = ''] = condition.split(' ');
    const error = `<stream:error><${name} xmlns='${STREAMS}'>${text}</${name}></stream:error></stream:stream>`;
    if (!client.socket.destroyed) client.socket.end(error);
  }

  #say(client: Client, text: string): void {
    if (!this.isMute && client.socket.writable) client.socket.write(text);
  }
}
