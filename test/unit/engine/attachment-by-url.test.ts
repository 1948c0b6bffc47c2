import { describe, expect, it } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import type { Media } from '../../../src/engine/model/access.ts';
import type { RemoteMedia } from '../../../src/engine/ports/index.ts';
import { admin, BASIS, EngineFixture, GUEST } from '../../support/engine-fixture.ts';

const url = 'https://pms.example/plan.png';

/** Files of the world: catalogued when they are fetched. */
class World implements RemoteMedia {
  readonly fetched: string[] = [];
  fixture: EngineFixture | undefined;
  sizeBytes = 70;
  failure: BellhopError | undefined;

  async fetch(target: string, property: string): Promise<Media> {
    this.fetched.push(target);
    if (this.failure !== undefined) throw this.failure;
    if (this.fixture === undefined) throw new Error('no fixture');
    const media = { sha256: 'ab'.repeat(32), sizeBytes: this.sizeBytes, mimeType: 'image/png' };
    return this.fixture.store.saveMedia({ property, media, filename: 'plan.png' });
  }
}

async function ready(): Promise<{ fixture: EngineFixture; world: World }> {
  const world = new World();
  const fixture = await EngineFixture.open({ remoteMedia: world });
  world.fixture = fixture;
  await fixture.addLinked('front-desk', 'stopped');
  return { fixture, world };
}

async function refusal(fixture: EngineFixture, request: object): Promise<unknown> {
  const whole = { channel: 'fake', to: GUEST, basis: BASIS, attachments: [{ url }], ...request };
  return fixture.engine.api.messages.accept(admin, whole).catch((error: unknown) => error);
}

describe('an attachment by URL', () => {
  it('is fetched and catalogued before the message is accepted', async () => {
    const { fixture, world } = await ready();
    const message = await fixture.accept({ body: 'The way', attachments: [{ url }] });
    const [attachment] = message.attachments;
    expect(message).toMatchObject({ type: 'image', body: 'The way', status: 'queued' });
    expect(attachment).toMatchObject({ kind: 'image', filename: 'plan.png', status: 'stored', sizeBytes: 70 });
    expect(await fixture.store.getMedia(attachment?.mediaId ?? '', 'main')).toMatchObject({ mimeType: 'image/png' });
    expect(world.fetched).toEqual([url]);
  });

  it('is not fetched for a message that is refused anyway', async () => {
    const { fixture, world } = await ready();
    expect(await refusal(fixture, { basis: undefined })).toMatchObject({ code: 'no_basis' });
    expect(await refusal(fixture, { to: 'nobody' })).toMatchObject({ code: 'invalid_address' });
    expect(await refusal(fixture, { attachments: [{ url }, { url }] })).toMatchObject({ code: 'unsupported_content' });
    expect(world.fetched).toEqual([]);
  });

  it('names the field when the file cannot be had or is too large for the channel', async () => {
    const { fixture, world } = await ready();
    world.sizeBytes = 1_001;
    const pointer = 'attachments[0].url';
    expect(await refusal(fixture, {})).toMatchObject({ code: 'media_too_large', pointer });
    world.failure = new BellhopError('media_fetch_failed', { detail: 'The server answered 404.' });
    expect(await refusal(fixture, {})).toMatchObject({
      code: 'media_fetch_failed',
      pointer,
      detail: expect.stringContaining('404'),
    });
  });

  it('spoils only its own place in a batch', async () => {
    const { fixture, world } = await ready();
    world.failure = new BellhopError('media_fetch_failed');
    const item = { channel: 'fake', to: GUEST, basis: BASIS };
    const { body } = await fixture.engine.api.messages.acceptBatch(admin, [
      { ...item, attachments: [{ url }] },
      { ...item, body: 'Good night' },
    ]);
    expect(JSON.parse(body)).toMatchObject({
      results: [{ code: 'media_fetch_failed' }, { body: 'Good night', status: 'queued' }],
    });
  });
});
