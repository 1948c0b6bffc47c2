import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AttachmentKind, InboundMessage } from '../../../src/connector-api/index.ts';
import { SendError } from '../../../src/connector-api/index.ts';
import { mediaUrl } from '../media-download.ts';
import type { MediaSource } from '../media-source.ts';
import type { Phone } from '../simulator/people/phone.ts';
import type { TestSession } from './session-support.ts';
import { chatWith, muteConsole, Town } from './session-support.ts';

const LAMP = Buffer.from('the bytes of a picture of a lamp'.repeat(200));
const town = new Town();
let phone: Phone;
let hotel: TestSession;

beforeAll(async () => {
  muteConsole();
  await town.start();
  ({ phone, hotel } = await town.linked());
});
afterAll(() => town.stop());
beforeEach(() => {
  muteConsole();
  hotel.media.limitBytes = Number.MAX_SAFE_INTEGER;
  town.network.violations.clear();
});

const violations = () => town.network.violations.all();

function attachmentOf(message: InboundMessage) {
  if (message.content.type !== 'media') throw new Error('expected a file');
  return message.content.attachments[0];
}

describe('a file of a guest', () => {
  it('of every kind is fetched, opened and stored', async () => {
    const guest = town.guest(phone);
    const file = { bytes: new Uint8Array(LAMP), mimeType: 'application/pdf' };
    const ids = [
      await guest.showImage({ ...file, mimeType: 'image/jpeg', caption: 'broken' }),
      await guest.showVideo({ ...file, mimeType: 'video/mp4' }),
      await guest.send(guest.hotel, { kind: 'video_note', ...file, mimeType: 'video/mp4' }),
      await guest.recordVoice({ ...file, mimeType: 'audio/ogg; codecs=opus' }),
      await guest.sendFile({ ...file, fileName: 'invoice.pdf' }),
      await guest.sendSticker({ ...file, mimeType: 'image/webp' }),
    ];
    const messages = await Promise.all(ids.map((id) => hotel.message(id)));
    const kinds: AttachmentKind[] = ['image', 'video', 'video_note', 'voice', 'file', 'sticker'];
    for (const [index, message] of messages.entries()) {
      const attachment = attachmentOf(message);
      expect(attachment).toMatchObject({ kind: kinds[index], status: 'stored' });
      if (attachment.status !== 'stored') continue;
      expect(Buffer.from(hotel.media.files.get(attachment.media.sha256) ?? [])).toEqual(LAMP);
    }
    expect(messages[0]?.content).toMatchObject({ body: 'broken' });
    expect(attachmentOf(messages[4]!)).toMatchObject({
      filename: 'invoice.pdf',
      media: { mimeType: 'application/pdf' },
    });
    expect(violations()).toEqual([]);
  });

  it('larger than allowed is left where it is', async () => {
    const guest = town.guest(phone);
    hotel.media.limitBytes = 1_000;
    const message = await hotel.message(await guest.showImage({ bytes: new Uint8Array(LAMP), mimeType: 'image/png' }));
    expect(attachmentOf(message)).toMatchObject({ status: 'unavailable', reason: 'too_large' });
  });
});

describe('a file of the hotel', () => {
  it('of every kind reaches the guest', async () => {
    const guest = town.guest(phone);
    const send = (kind: AttachmentKind, mimeType: string, more: { body?: string; filename?: string } = {}) => {
      const { body, ...rest } = more;
      const attachment = { kind, media: hotel.media.put(LAMP, mimeType), ...rest };
      return hotel.send(chatWith(guest), {
        type: 'media',
        attachments: [attachment],
        ...(body === undefined ? {} : { body }),
      });
    };
    await send('image', 'image/png', { body: 'Map' });
    await send('video', 'video/mp4');
    await send('voice', 'audio/ogg');
    await send('file', 'application/pdf', { filename: 'map.pdf' });
    await send('sticker', 'image/webp');
    await guest.inbox.waitFor((item) => item.type === 'message' && item.content.kind === 'sticker');
    expect(guest.inbox.messages().map(({ content }) => content)).toMatchObject([
      { kind: 'image', caption: 'Map', mimeType: 'image/png', bytes: new Uint8Array(LAMP) },
      { kind: 'video', bytes: new Uint8Array(LAMP) },
      { kind: 'voice', mimeType: 'audio/ogg; codecs=opus', bytes: new Uint8Array(LAMP) },
      { kind: 'file', fileName: 'map.pdf', bytes: new Uint8Array(LAMP) },
      { kind: 'sticker', bytes: new Uint8Array(LAMP) },
    ]);
    expect(violations()).toEqual([]);
  });

  it('whose bytes are gone fails before anything is sent', async () => {
    const guest = town.guest(phone);
    const media = { sha256: '0'.repeat(64), sizeBytes: 5, mimeType: 'image/png' };
    const sending = hotel.send(chatWith(guest), { type: 'media', attachments: [{ kind: 'image', media }] });
    await expect(sending).rejects.toMatchObject({ code: 'media_gone', certainty: 'not_sent', retryable: false });
  });

  it('that the media server refuses may be tried again', async () => {
    const guest = town.guest(phone);
    for (let index = 0; index < 4; index += 1) town.media.faults.next('upload', { kind: 'refuse', status: 503 });
    const attachment = { kind: 'image', media: hotel.media.put(LAMP, 'image/png') } as const;
    const error: unknown = await hotel
      .send(chatWith(guest), { type: 'media', attachments: [attachment] })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SendError);
    expect(error).toMatchObject({ code: 'media_transfer_failed', certainty: 'not_sent', retryable: true });
  });
});

describe('where a file is fetched from', () => {
  const source: MediaSource = { kind: 'image', secretKind: 'image', mimeType: 'image/png' };

  it("is never a host of the guest's choosing on the real network", () => {
    const at = (url: string, directPath?: string) =>
      mediaUrl({ ...source, url, ...(directPath === undefined ? {} : { directPath }) }, { isPrivate: false })?.href;
    expect(at('https://mmg.whatsapp.net/v/f')).toBe('https://mmg.whatsapp.net/v/f');
    expect(at('https://media.fra1.cdn.whatsapp.net/v/f', '/v/f')).toBe('https://media.fra1.cdn.whatsapp.net/v/f');
    expect(at('https://169.254.169.254/latest', '/latest')).toBe('https://mmg.whatsapp.net/latest');
    expect(at('https://whatsapp.net.evil.example/f')).toBeUndefined();
    expect(at('http://mmg.whatsapp.net/v/f')).toBeUndefined();
    expect(at('https://mmg.whatsapp.net/f', '//evil.example/f')).toBe('https://mmg.whatsapp.net//evil.example/f');
    expect(at('https://mmg.whatsapp.net/f', '@evil.example/f')).toBe('https://mmg.whatsapp.net/f');
  });
});
