import type { TextEntity, TextEntityType } from '../../src/connector-api/index.ts';
import { readAddress, userAddress } from './ids.ts';
import type { TlObject } from './tl.ts';
import { longAt, numberAt, textAt } from './tl-fields.ts';

/*
 * Telegram's `MessageEntity` and ours. Both count in UTF-16 code units, so offsets pass unchanged. Kinds that Telegram's apps find by
 * themselves in the bare text (plain links, hashtags, commands, numbers) say nothing that the text does not.
 */

const TYPES: Readonly<Record<string, TextEntityType>> = {
  messageEntityBold: 'bold',
  messageEntityItalic: 'italic',
  messageEntityUnderline: 'underline',
  messageEntityStrike: 'strikethrough',
  messageEntitySpoiler: 'spoiler',
  messageEntityCode: 'code',
  messageEntityPre: 'pre',
  messageEntityBlockquote: 'quote',
  messageEntityUrl: 'link',
  messageEntityTextUrl: 'link',
  messageEntityEmail: 'link',
  messageEntityMention: 'mention',
  messageEntityMentionName: 'mention',
};

/** The formatting of a received text; what lies outside of it, or is unknown, is left out. */
export function readEntities(body: string, entities: readonly TlObject[]): readonly TextEntity[] {
  return entities.flatMap((entity): TextEntity[] => {
    const type = TYPES[entity._];
    const offset = numberAt(entity, 'offset') ?? -1;
    const length = numberAt(entity, 'length') ?? 0;
    if (type === undefined || offset < 0 || length < 1 || offset + length > body.length) return [];
    const url = urlOf(entity, body.slice(offset, offset + length));
    const language = textAt(entity, 'language');
    return [
      { type, offset, length, ...(url === undefined ? {} : { url }), ...(language === undefined ? {} : { language }) },
    ];
  });
}

/** Whether a received entity has a place in the model, or needs none. */
export function isEntityMapped(entity: TlObject): boolean {
  return TYPES[entity._] !== undefined || SELF_EVIDENT.has(entity._);
}

const SELF_EVIDENT: ReadonlySet<string> = new Set([
  'messageEntityHashtag',
  'messageEntityCashtag',
  'messageEntityBotCommand',
  'messageEntityPhone',
  'messageEntityBankCard',
  'messageEntityUnknown',
]);

function urlOf(entity: TlObject, text: string): string | undefined {
  switch (entity._) {
    case 'messageEntityTextUrl':
      return textAt(entity, 'url');
    case 'messageEntityEmail':
      return `mailto:${text}`;
    case 'messageEntityMentionName': {
      const userId = longAt(entity, 'userId');
      return userId === undefined ? undefined : userAddress(userId);
    }
    default:
      return undefined;
  }
}

/**
 * The formatting of a text to send. `inputUser` finds the person whom a `mention` with an `id:` address means; one who cannot be found,
 * and a mention of a plain `@name`, which Telegram finds itself, are left to the text.
 */
export function writeEntities(
  entities: readonly TextEntity[],
  inputUser: (id: bigint) => TlObject | undefined,
): readonly TlObject[] {
  return entities.flatMap((entity): TlObject[] => {
    const written = writeOne(entity, inputUser);
    return written === undefined ? [] : [written];
  });
}

function writeOne(entity: TextEntity, inputUser: (id: bigint) => TlObject | undefined): TlObject | undefined {
  const { type, offset, length, url, language } = entity;
  const place = { offset, length };
  switch (type) {
    case 'bold':
      return { _: 'messageEntityBold', ...place };
    case 'italic':
      return { _: 'messageEntityItalic', ...place };
    case 'underline':
      return { _: 'messageEntityUnderline', ...place };
    case 'strikethrough':
      return { _: 'messageEntityStrike', ...place };
    case 'spoiler':
      return { _: 'messageEntitySpoiler', ...place };
    case 'code':
      return { _: 'messageEntityCode', ...place };
    case 'pre':
      return { _: 'messageEntityPre', ...place, language: language ?? '' };
    case 'quote':
      return { _: 'messageEntityBlockquote', ...place };
    case 'link':
      return url === undefined ? { _: 'messageEntityUrl', ...place } : { _: 'messageEntityTextUrl', ...place, url };
    case 'mention': {
      const meant = url === undefined ? undefined : readAddress(url);
      const userId = meant?.type === 'user' ? inputUser(meant.id) : undefined;
      return userId && { _: 'inputMessageEntityMentionName', ...place, userId };
    }
  }
}
