import type { BinaryNode, WAMessage } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorEvent, InboundAttachment } from '../../../src/connector-api/index.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { AddressLookup } from '../address-lookup.ts';
import { UnmappableError } from '../durable-socket.ts';
import { GroupDirectory } from '../groups.ts';
import { InboundDesk } from '../inbound.ts';
import type { MediaFetcher } from '../media-inbound.ts';
import type { MediaSource } from '../media-source.ts';

const GUEST = '4915112345678@s.whatsapp.net';
const stanza: BinaryNode = { tag: 'message', attrs: { from: GUEST, id: 'A1', t: '1700000000' } };
const readable = { wasUnreadable: false };

function said(message: WAMessage['message'] | undefined, key: Partial<WAMessage['key']> = {}): WAMessage {
  const whole = { remoteJid: GUEST, fromMe: false, id: 'A1', ...key };
  return { key: whole, messageTimestamp: 1_700_000_000, ...(message === undefined ? {} : { message }) };
}

let events: ConnectorEvent[];
let numbers: string[];
let isOnline: boolean;
let answer: (source: MediaSource, askAgain: () => Promise<MediaSource | undefined>) => Promise<InboundAttachment>;
let desk: InboundDesk;

beforeEach(() => {
  events = [];
  numbers = [];
  isOnline = true;
  const groups = new GroupDirectory({ log: silentLogger });
  const aliases = { hiddenOf: () => undefined, phoneOf: () => undefined };
  desk = new InboundDesk({
    groups,
    lookup: new AddressLookup({ aliases, groups, me: () => ['4930111111@s.whatsapp.net'] }),
    log: silentLogger,
    fetcher: () => ({ fetch: answer }) as unknown as MediaFetcher,
    emit: async (event) => void events.push(event),
    askAgain: async (message) => {
      const image = message.message?.imageMessage;
      if (image) image.directPath = '/new';
      return true;
    },
    isOnline: () => isOnline,
    onDirectMessage: (message, { phone = '' }) =>
      numbers.push(`${message.key.fromMe === true ? 'to' : 'from'} ${phone}`),
    onGroupSeen: () => undefined,
  });
});

describe('handing messages over', () => {
  it('counts what says nothing, and remembers who wrote', async () => {
    await desk.onMessage(said({ conversation: 'x' }, { remoteJid: 'status@broadcast' }), stanza, readable);
    await desk.onMessage(said({ conversation: 'x' }), stanza, readable);
    await desk.onMessage(
      said({ conversation: 'x' }, { fromMe: true, remoteJid: '15550000001@s.whatsapp.net' }),
      stanza,
      readable,
    );
    expect(Object.fromEntries(desk.skipped)).toEqual({ status: 1 });
    expect(events).toHaveLength(2);
    expect(numbers).toEqual(['from 4915112345678', 'to 15550000001']);
  });

  it('gives a message that was read late a name of its own, since its place is taken', async () => {
    await desk.onUnreadable(said(undefined), stanza);
    await desk.onMessage(said({ conversation: 'after all' }), stanza, { wasUnreadable: true });
    expect(events).toMatchObject([
      { message: { networkId: 'A1', content: { type: 'unsupported', nativeKind: 'unreadable' } } },
      { message: { networkId: 'A1+recovered', content: { type: 'text', body: 'after all' } } },
    ]);
  });

  it('keeps the place and the raw content of what could not be mapped', async () => {
    await desk.onPoison(said({ conversation: 'odd' }), stanza);
    expect(events).toMatchObject([
      {
        message: {
          networkId: 'A1',
          content: { type: 'unsupported', nativeKind: 'unmappable' },
          raw: '{"conversation":"odd"}',
        },
      },
    ]);
  });

  it('says that content is at fault when mapping throws', async () => {
    const broken = said({
      get conversation(): string {
        throw new Error('bad bytes');
      },
    });
    await expect(desk.onMessage(broken, stanza, readable)).rejects.toBeInstanceOf(UnmappableError);
    expect(events).toEqual([]);
  });
});

describe('a file', () => {
  const image = () =>
    said({ imageMessage: { mimetype: 'image/jpeg', directPath: '/old', mediaKey: new Uint8Array(32) } });
  const unreachable: InboundAttachment = {
    kind: 'image',
    status: 'unavailable',
    mimeType: 'image/jpeg',
    reason: 'unreachable',
  };

  it("is looked for at the new place that the sender's phone gave", async () => {
    const asked: (string | undefined)[] = [];
    answer = async (source, askAgain) => {
      asked.push(source.directPath, (await askAgain())?.directPath);
      return unreachable;
    };
    await desk.onMessage(image(), stanza, readable);
    expect(asked).toEqual(['/old', '/new']);
    expect(events).toMatchObject([{ message: { content: { attachments: [unreachable] }, raw: expect.any(String) } }]);
  });

  it('that is out of reach without a connection is tried again later', async () => {
    answer = async () => unreachable;
    isOnline = false;
    await expect(desk.onMessage(image(), stanza, readable)).rejects.toThrow('out of reach');
    expect(events).toEqual([]);
  });
});
