import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SeenFileKind } from '../simulator/people/seen-item.ts';
import type { TlObject } from '../tl.ts';
import { Stage, type TestClient } from './simulator-world-support.ts';

const PART_BYTES = 4_096;
const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => (index * 7) % 256);

function upload(client: TestClient, fileId: bigint, data = bytes): TlObject {
  const parts = Math.ceil(data.length / PART_BYTES);
  for (let filePart = 0; filePart < parts; filePart += 1) {
    const part = data.subarray(filePart * PART_BYTES, (filePart + 1) * PART_BYTES);
    client.value('upload.saveFilePart', { fileId, filePart, bytes: part });
  }
  const md5Checksum = createHash('md5').update(data).digest('hex');
  return { _: 'inputFile', id: fileId, parts, name: 'bill.pdf', md5Checksum };
}

/** The message of the last update. */
function newest(client: TestClient): TlObject {
  const update = client.updates().at(-1);
  if (update === undefined) throw new Error('nothing was pushed');
  return update['message'] as TlObject;
}

function conversation() {
  const stage = new Stage();
  const { account, client } = stage.desk();
  const anna = stage.guest(account);
  const peer = stage.inputUser(account, anna.account);
  let randomId = 0n;
  const send = (media: TlObject, message = ''): string => {
    randomId += 1n;
    return client.refusal('messages.sendMedia', { peer, media, message, randomId });
  };
  return { stage, account, client, anna, peer, send };
}

describe('files of the client', () => {
  it('arrive with what they are, byte for byte', () => {
    const { stage, client, anna, send } = conversation();
    const file = upload(client, 1n);
    const attributes = [{ _: 'documentAttributeAudio', voice: true, duration: 3 }];
    const media = { _: 'inputMediaUploadedDocument', file, mimeType: 'audio/ogg', attributes };
    expect(send(media, 'listen')).toBe('none');
    expect(anna.seen().at(-1)).toMatchObject({
      content: { type: 'file', kind: 'voice', mimeType: 'audio/ogg', caption: 'listen', filename: 'bill.pdf' },
    });
    const seen = anna.seen().at(-1);
    if (seen?.type !== 'message' || seen.content.type !== 'file') throw new Error('no file');
    expect(seen.content.bytes).toEqual(bytes);
    stage.expectNoViolations();
  });

  it('that are incomplete or wrong are refused', () => {
    const { stage, client, send } = conversation();
    const sendFile = (file: TlObject): string =>
      send({ _: 'inputMediaUploadedDocument', file, mimeType: 'text/plain', attributes: [] });
    expect(sendFile({ _: 'inputFile', id: 9n, parts: 1, name: '', md5Checksum: '' })).toBe('400 FILE_PARTS_INVALID');
    expect(sendFile({ ...upload(client, 1n), parts: 4 })).toBe('400 FILE_PART_3_MISSING');
    expect(sendFile({ ...upload(client, 2n), md5Checksum: '0'.repeat(32) })).toBe('400 MD5_CHECKSUM_INVALID');
    const odd = upload(client, 3n);
    client.value('upload.saveFilePart', { fileId: 3n, filePart: 0, bytes: bytes.subarray(0, 100) });
    expect(sendFile(odd)).toBe('400 FILE_PART_SIZE_INVALID');
    const part = { fileId: 4n, filePart: 0, bytes: new Uint8Array(0) };
    expect(client.refusal('upload.saveFilePart', part)).toBe('400 FILE_PART_EMPTY');
    const big = { ...part, bytes: new Uint8Array(600_000), fileTotalParts: 1 };
    expect(client.refusal('upload.saveBigFilePart', big)).toBe('400 FILE_PART_TOO_BIG');
    expect(stage.world.parts.violations.all().every(({ code }) => code === 'wrong_upload')).toBe(true);
  });

  it('go together as an album', () => {
    const { stage, client, anna, peer } = conversation();
    const media = (id: bigint): TlObject => ({ _: 'inputMediaUploadedPhoto', file: upload(client, id) });
    const photo = (randomId: bigint, id: bigint): TlObject => {
      const ready = client.call('messages.uploadMedia', { peer, media: media(id) })['photo'] as TlObject;
      const { accessHash, fileReference } = ready;
      const inputPhoto = { _: 'inputPhoto', id: ready['id'], accessHash, fileReference };
      return { _: 'inputSingleMedia', media: { _: 'inputMediaPhoto', id: inputPhoto }, randomId, message: `p${id}` };
    };
    const multiMedia = [photo(1n, 1n), photo(2n, 2n)];
    const sent = client.call('messages.sendMultiMedia', { peer, multiMedia });
    expect((sent['updates'] as TlObject[]).map(({ _: kind }) => kind)).toEqual([
      'updateMessageID',
      'updateNewMessage',
      'updateMessageID',
      'updateNewMessage',
    ]);
    const seen = anna.seen().flatMap((item) => (item.type === 'message' ? [item] : []));
    expect(seen.map(({ content }) => content.type === 'file' && content.caption)).toEqual(['p1', 'p2']);
    expect(new Set(seen.map(({ albumId }) => albumId)).size).toBe(1);
    expect(seen[0]?.albumId).toBeDefined();
    stage.expectNoViolations();
  });
});

describe('files of guests', () => {
  const located = (client: TestClient): { readonly document: TlObject; readonly location: TlObject } => {
    const media = newest(client)['media'] as TlObject;
    const document = (media['document'] ?? media['photo']) as TlObject;
    const kind = media['document'] === undefined ? 'inputPhotoFileLocation' : 'inputDocumentFileLocation';
    const { id, accessHash, fileReference } = document;
    const location = { _: kind, id, accessHash, fileReference, thumbSize: '' };
    return { document, location };
  };

  it('say what they are', () => {
    const { anna, client } = conversation();
    const told = (kind: SeenFileKind): TlObject => {
      anna.sendFile({ kind, bytes, mimeType: 'x/y', filename: 'it' });
      return newest(client)['media'] as TlObject;
    };
    expect(told('photo')).toMatchObject({
      _: 'messageMediaPhoto',
      photo: { sizes: [{ type: 'm' }, { size: 10_000 }] },
    });
    expect(told('voice')).toMatchObject({ _: 'messageMediaDocument', voice: true });
    expect(told('video')).toMatchObject({ video: true });
    expect(told('video_note')).toMatchObject({ round: true });
    expect(told('sticker')).toMatchObject({ document: { attributes: [{}, { alt: '🙂' }, { fileName: 'it' }] } });
    expect(told('file')).toMatchObject({ document: { size: 10_000n, attributes: [{ fileName: 'it' }] } });
  });

  it('are read in pieces of the sizes that the network knows', () => {
    const { stage, anna, client } = conversation();
    anna.sendFile({ kind: 'file', bytes, mimeType: 'x/y' });
    const { location } = located(client);
    const read = (offset: bigint, limit: number, more = {}): string =>
      client.refusal('upload.getFile', { location, offset, limit, ...more });
    const piece = (offset: bigint): Uint8Array =>
      client.call('upload.getFile', { location, offset, limit: 8_192 })['bytes'] as Uint8Array;
    expect(Buffer.concat([piece(0n), piece(8_192n), piece(16_384n)])).toEqual(Buffer.from(bytes));
    stage.expectNoViolations();
    expect(read(0n, 1_000)).toBe('400 LIMIT_INVALID');
    expect(read(0n, 12_288)).toBe('400 LIMIT_INVALID');
    expect(read(1_024n, 4_096)).toBe('400 OFFSET_INVALID');
    expect(read(1_044_480n, 8_192)).toBe('400 OFFSET_INVALID');
    expect(read(1_024n, 3_072, { precise: true })).toBe('none');
    expect(stage.world.parts.violations.all().map(({ code }) => code)).toEqual(Array(4).fill('wrong_offset'));
  });

  it('lie on a data centre, under a reference that grows old', () => {
    const { stage, account, client } = conversation();
    const far = stage.guest(account, { dcId: 2 });
    const id = far.sendFile({ kind: 'photo', bytes, mimeType: 'image/jpeg' });
    const { location } = located(client);
    const read = (from: TestClient, place: TlObject): string =>
      from.refusal('upload.getFile', { location: place, offset: 0n, limit: 16_384 });
    expect(read(client, { ...location, thumbSize: 'y' })).toBe('303 FILE_MIGRATE_2');
    const there = stage.client('bb00', 2);
    stage.world.parts.authorizations.bind(there.context.key, account, 'files');
    expect(read(there, { ...location, thumbSize: 'y' })).toBe('none');
    expect(read(there, location)).toBe('400 LOCATION_INVALID');
    stage.world.parts.files.expireReferences();
    expect(read(there, { ...location, thumbSize: 'y' })).toBe('400 FILE_REFERENCE_EXPIRED');
    const again = client.call('messages.getMessages', { id: [{ _: 'inputMessageID', id }] });
    const [message] = again['messages'] as [TlObject];
    const { fileReference } = (message['media'] as TlObject)['photo'] as TlObject;
    expect(read(there, { ...location, thumbSize: 'y', fileReference })).toBe('none');
  });
});
