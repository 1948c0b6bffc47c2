import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Capabilities, TextEntity } from '../../../src/connector-api/index.ts';
import { textEntityTypes } from '../../../src/connector-api/index.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import { checkContent } from '../../../src/engine/check-content.ts';
import type { MessageRequest } from '../../../src/engine/engine-api.ts';
import { admin, BASIS, EngineFixture, GUEST, testManifest } from '../../support/engine-fixture.ts';

const MIB = 1_048_576;
const room = { maxBytes: MIB };
const rich: Partial<Capabilities> = {
  maxAttachments: 3,
  attachments: { image: room, video: room, video_note: room, voice: room, audio: room, file: room },
  albumKinds: [['image', 'video'], ['audio']],
  entities: true,
  maxButtons: 2,
};
const bold: TextEntity = { type: 'bold', offset: 0, length: 4 };

async function ready(overrides: Partial<Capabilities> = rich): Promise<EngineFixture> {
  const fixture = await EngineFixture.open({ manifests: [testManifest('fake', overrides)] });
  await fixture.addLinked('front-desk', 'stopped');
  return fixture;
}

/** Uploads a file of each type and names them as attachments. */
async function files(fixture: EngineFixture, ...mimeTypes: string[]): Promise<{ mediaId: string }[]> {
  const saved = await Promise.all(
    mimeTypes.map((mimeType, index) => {
      const media = { sha256: `${index}`.repeat(64), sizeBytes: 10, mimeType };
      return fixture.store.saveMedia({ property: 'main', media, filename: null });
    }),
  );
  return saved.map(({ id }) => ({ mediaId: id }));
}

async function refused(fixture: EngineFixture, request: Partial<MessageRequest>): Promise<unknown> {
  const whole = { channel: 'fake', to: GUEST, basis: BASIS, ...request };
  const error = await fixture.engine.api.messages.accept(admin, whole).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(BellhopError);
  return error;
}

describe('an album', () => {
  it('is one message with as many files as the channel takes, and one caption', async () => {
    const fixture = await ready();
    const attachments = await files(fixture, 'image/png', 'video/mp4', 'image/jpeg');
    const message = await fixture.accept({ body: 'Pool', entities: [bold], attachments });
    expect(message.attachments.map(({ kind }) => kind)).toEqual(['image', 'video', 'image']);
    expect(message).toMatchObject({ type: 'image', body: 'Pool', entities: [bold] });
  });

  it('may have its caption with any of its files', async () => {
    const fixture = await ready();
    const [one, other] = await files(fixture, 'image/png', 'image/png');
    const attachments = [one ?? {}, { ...other, caption: 'Pool' }];
    const answer = await fixture.engine.api.messages.accept(admin, {
      channel: 'fake',
      to: GUEST,
      basis: BASIS,
      attachments,
    });
    expect(JSON.parse(answer.body)).toMatchObject({ body: 'Pool', attachments: [{}, {}] });
    const two = [
      { ...one, caption: 'Pool' },
      { ...other, caption: 'Spa' },
    ];
    const error = await refused(fixture, { attachments: two });
    expect(error).toMatchObject({ code: 'invalid_request', pointer: 'attachments[1].caption' });
  });

  it.each([
    [3, 'attachments[3]', 'At most 3 attachments a message'],
    [1, 'attachments[1]', 'One attachment a message'],
    [0, 'attachments[0]', 'carries no attachments'],
  ])('of more files than %i is refused with the limit in words', async (maxAttachments, pointer, words) => {
    const fixture = await ready({ ...rich, maxAttachments });
    const attachments = await files(fixture, 'image/png', 'image/png', 'image/png', 'image/png');
    const error = await refused(fixture, { attachments: attachments.slice(0, maxAttachments + 1) });
    expect(error).toMatchObject({ code: 'unsupported_content', pointer, detail: expect.stringContaining(words) });
  });

  it('of kinds that the channel does not put together is refused', async () => {
    const fixture = await ready();
    const mixed = await files(fixture, 'image/png', 'audio/mpeg');
    const error = await refused(fixture, { attachments: mixed });
    expect(error).toMatchObject({
      code: 'unsupported_content',
      pointer: 'attachments',
      detail: expect.stringContaining('image and video; audio'),
    });
    await fixture.accept({ attachments: await files(fixture, 'audio/mpeg', 'audio/ogg') });
    await fixture.accept({ attachments: await files(fixture, 'application/pdf') });
    const anything = await ready({ ...rich, albumKinds: undefined as never });
    await anything.accept({ attachments: await files(anything, 'image/png', 'audio/mpeg') });
  });

  it('names the file that is wrong', async () => {
    const fixture = await ready();
    const [one] = await files(fixture, 'image/png');
    const unknown = { mediaId: 'med_00000000000000000000000000' };
    const error = await refused(fixture, { attachments: [one ?? {}, unknown] });
    expect(error).toMatchObject({ code: 'media_not_found', pointer: 'attachments[1].mediaId' });
  });
});

describe('a round film', () => {
  it.each<[string, { voice?: boolean; videoNote?: boolean }, string]>([
    ['video/mp4', { videoNote: true }, 'video_note'],
    ['video/mp4', { videoNote: false }, 'video'],
    ['audio/ogg', { voice: true }, 'voice'],
    ['image/png', { videoNote: true }, 'unsupported_content'],
    ['video/mp4', { videoNote: true, voice: true }, 'invalid_request'],
  ])('is asked for: %s %o is %s', async (mimeType, asked, outcome) => {
    const fixture = await ready();
    const [file] = await files(fixture, mimeType);
    const attachments = [{ ...file, ...asked }];
    const result = await fixture.accept({ attachments }).catch((error: unknown) => error);
    if (result instanceof BellhopError) {
      expect([result.code, result.pointer]).toEqual([outcome, 'attachments[0].videoNote']);
    } else expect(result).toMatchObject({ type: outcome });
  });
});

describe('formatting', () => {
  it('goes with the text where the channel shows it, and is left out where it does not', async () => {
    expect(await (await ready()).accept({ body: 'Pool', entities: [bold] })).toMatchObject({ entities: [bold] });
    const plain = await ready({ entities: false });
    expect(await plain.accept({ body: 'Pool', entities: [bold] })).toMatchObject({ body: 'Pool', entities: [] });
  });

  it.each<[string, Partial<MessageRequest>]>([
    ['a text', { body: 'Poo' }],
    ['nothing, as with a location', { location: { latitude: 1, longitude: 2 } }],
  ])('that reaches beyond %s is refused, also where it would be left out', async (_name, content) => {
    for (const entities of [true, false]) {
      const error = await refused(await ready({ ...rich, entities }), { ...content, entities: [bold] });
      expect(error).toMatchObject({ code: 'invalid_request', pointer: 'entities[0]' });
    }
  });

  it('never reaches beyond the text that is sent, whatever a caller asks for', () => {
    const capabilities = testManifest('fake', rich).capabilitiesFor('direct');
    const entity = fc.record({
      type: fc.constantFrom(...textEntityTypes),
      offset: fc.nat(30),
      length: fc.integer({ min: 1, max: 30 }),
    });
    const body = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(body, fc.array(entity, { maxLength: 4 }), (text, entities) => {
        const isInside = entities.every(({ offset, length }) => offset + length <= text.length);
        const check = () => checkContent({ body: text, entities }, capabilities, []);
        if (isInside) expect(check().entities).toEqual(entities);
        else expect(check).toThrow(BellhopError);
      }),
    );
  });
});

describe('buttons', () => {
  const taxi = { id: 'taxi', label: 'Taxi' };
  const late = { id: 'late', label: 'Late check-out' };

  it('stand under a text', async () => {
    const message = await (await ready()).accept({ body: 'What shall it be?', buttons: [taxi, late] });
    expect(message).toMatchObject({ type: 'text', buttons: [taxi, late], button: null });
  });

  it.each<[string, number, Partial<MessageRequest>, string, string]>([
    ['where the channel has none', 0, { body: 'x', buttons: [taxi] }, 'unsupported_content', 'buttons'],
    ['too many of them', 1, { body: 'x', buttons: [taxi, late] }, 'unsupported_content', 'buttons[1]'],
    ['two with one id', 2, { body: 'x', buttons: [taxi, taxi] }, 'invalid_request', 'buttons[1].id'],
    ['under a location', 2, { location: { latitude: 1, longitude: 2 }, buttons: [taxi] }, 'invalid_request', 'buttons'],
    ['without a text', 2, { buttons: [taxi] }, 'empty_message', 'body'],
  ])('are refused: %s', async (_name, maxButtons, request, code, pointer) => {
    expect(await refused(await ready({ ...rich, maxButtons }), request)).toMatchObject({ code, pointer });
  });
});

describe('the kind of an account', () => {
  it('decides what the session can carry, and change', async () => {
    const base = testManifest();
    const manifest = {
      ...base,
      capabilitiesFor: (kind: 'direct' | 'group', accountKind?: string) => ({
        ...base.capabilitiesFor(kind),
        maxButtons: accountKind === 'bot' ? 1 : 0,
        react: accountKind === 'bot',
      }),
    };
    const fixture = await EngineFixture.open({ manifests: [manifest] });
    await fixture.addLinked('front-desk', 'stopped');
    const ask = { body: 'Taxi?', buttons: [{ id: 'yes', label: 'Yes' }] };
    expect(await refused(fixture, ask)).toMatchObject({ code: 'unsupported_content' });
    const change = { sessionId: 'front-desk', state: 'stopped', reason: null, at: fixture.clock.now() } as const;
    await fixture.store.recordSessionChange({ ...change, account: { address: 'id:1', kind: 'bot' } });
    expect((await fixture.accept(ask)).buttons).toHaveLength(1);
    const { message } = await fixture.store.recordInbound({
      property: 'main',
      sessionId: 'front-desk',
      channel: 'fake',
      receivedAt: fixture.clock.now(),
      message: fixture.inbound(),
    });
    // The bot may react, but its session is not up; an account of another kind may not at all.
    await expect(fixture.engine.api.messages.react(admin, message.id, '👍')).rejects.toMatchObject({
      code: 'session_down',
    });
    await fixture.store.recordSessionChange({ ...change, account: { address: 'id:1', kind: 'user' } });
    await expect(fixture.engine.api.messages.react(admin, message.id, '👍')).rejects.toMatchObject({
      code: 'capability_missing',
    });
  });
});
