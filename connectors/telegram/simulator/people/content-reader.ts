import { intOf, objectOf, textOf } from '../world/fields.ts';
import type { FileRecord, Post } from '../world/state.ts';
import type { World } from '../world/world.ts';
import type { SeenContent, SeenFileKind } from './seen-item.ts';

/** A post as a phone shows it. */
export function readContent(world: World, post: Post): SeenContent {
  if (post.action !== undefined) return { type: 'service', action: post.action._ };
  const { media } = post;
  if (media === undefined) return { type: 'text', text: post.text };
  switch (media.type) {
    case 'photo':
    case 'document':
      return readFile(fileOf(world, media.fileId), media.type === 'photo', post.text);
    case 'poll': {
      const { question, options, multiple } = world.parts.messages.poll(media.pollId);
      return { type: 'poll', question, options: options.map(({ text }) => text), multiple };
    }
    case 'plain':
      return readPlain(media.media);
  }
}

function fileOf(world: World, id: bigint): FileRecord {
  const file = world.parts.state.files.get(id);
  if (file === undefined) throw new Error('a message with a file that is not there');
  return file;
}

function readFile(file: FileRecord, isPhoto: boolean, caption: string): SeenContent {
  const name = file.attributes.find(({ _ }) => _ === 'documentAttributeFilename');
  return {
    type: 'file',
    kind: isPhoto ? 'photo' : kindOf(file),
    bytes: file.bytes,
    mimeType: file.mimeType,
    ...(name === undefined ? {} : { filename: textOf(name, 'fileName') }),
    caption,
  };
}

/** How clients choose what to draw. */
function kindOf({ attributes, mimeType }: FileRecord): SeenFileKind {
  const attribute = (name: string) => attributes.find(({ _ }) => _ === name);
  if (attribute('documentAttributeSticker') !== undefined) return 'sticker';
  if (attribute('documentAttributeAnimated') !== undefined) return 'animation';
  const video = attribute('documentAttributeVideo');
  if (video !== undefined) return video['roundMessage'] === true ? 'video_note' : 'video';
  const audio = attribute('documentAttributeAudio');
  if (audio !== undefined) return audio['voice'] === true ? 'voice' : 'audio';
  return mimeType === 'image/gif' ? 'animation' : 'file';
}

function readPlain(media: Parameters<typeof objectOf>[0]): SeenContent {
  switch (media._) {
    case 'messageMediaGeo':
    case 'messageMediaVenue':
    case 'messageMediaGeoLive': {
      const geo = objectOf(media, 'geo');
      const title = textOf(media, 'title', '');
      const [latitude, longitude] = [intOf(geo, 'lat'), intOf(geo, 'long')];
      return { type: 'place', latitude, longitude, ...(title === '' ? {} : { title }) };
    }
    case 'messageMediaContact': {
      const name = `${textOf(media, 'firstName')} ${textOf(media, 'lastName')}`.trim();
      return { type: 'contact', name, phone: textOf(media, 'phoneNumber'), vcard: textOf(media, 'vcard') };
    }
    default:
      return { type: 'other', kind: media._ };
  }
}
