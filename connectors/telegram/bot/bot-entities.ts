import type { TextEntity, TextEntityType } from '../../../src/connector-api/index.ts';
import { readAddress, userAddress } from '../ids.ts';
import type { BotEntity } from './bot-schemas.ts';

/*
 * `MessageEntity` of the Bot API and ours. Both count in UTF-16 code units, so offsets pass unchanged. What Telegram's apps find by
 * themselves in the bare text (plain links, hashtags, commands, numbers) says nothing that the text does not.
 */

const READ: Readonly<Record<string, TextEntityType>> = {
  bold: 'bold',
  italic: 'italic',
  underline: 'underline',
  strikethrough: 'strikethrough',
  spoiler: 'spoiler',
  code: 'code',
  pre: 'pre',
  blockquote: 'quote',
  expandable_blockquote: 'quote',
  url: 'link',
  text_link: 'link',
  email: 'link',
  mention: 'mention',
  text_mention: 'mention',
};

const SELF_EVIDENT: ReadonlySet<string> = new Set(['hashtag', 'cashtag', 'bot_command', 'phone_number', 'bank_card']);

/** The formatting of a received text; what lies outside of it, or is unknown, is left out. */
export function readBotEntities(body: string, entities: readonly BotEntity[]): readonly TextEntity[] {
  return entities.flatMap((entity): TextEntity[] => {
    const { offset, length, language } = entity;
    const type = READ[entity.type];
    if (type === undefined || offset < 0 || length < 1 || offset + length > body.length) return [];
    const url = urlOf(entity, body.slice(offset, offset + length));
    return [
      { type, offset, length, ...(url === undefined ? {} : { url }), ...(language === undefined ? {} : { language }) },
    ];
  });
}

/** Whether a received entity has a place in the model, or needs none. */
export const isBotEntityMapped = ({ type }: BotEntity): boolean => READ[type] !== undefined || SELF_EVIDENT.has(type);

function urlOf({ type, url, user }: BotEntity, words: string): string | undefined {
  if (type === 'text_link') return url;
  if (type === 'email') return `mailto:${words}`;
  return type === 'text_mention' && user !== undefined ? userAddress(BigInt(user.id)) : undefined;
}

/** The formatting of a text to send. Links and names that stand in the text are found by Telegram itself. */
export function writeBotEntities(entities: readonly TextEntity[]): readonly Readonly<Record<string, unknown>>[] {
  return entities.flatMap(({ type, offset, length, url, language }) => {
    const place = { offset, length };
    switch (type) {
      case 'link':
        return url === undefined ? [] : [{ type: 'text_link', ...place, url }];
      case 'mention': {
        const meant = url === undefined ? undefined : readAddress(url);
        if (meant?.type !== 'user') return [];
        return [{ type: 'text_mention', ...place, user: { id: Number(meant.id), is_bot: false, first_name: '' } }];
      }
      case 'quote':
        return [{ type: 'blockquote', ...place }];
      case 'pre':
        return [{ type, ...place, ...(language === undefined ? {} : { language }) }];
      default:
        return [{ type, ...place }];
    }
  });
}
