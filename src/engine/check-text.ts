import type { Button, Capabilities, TextEntity } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import type { MessageRequest } from './engine-api.ts';

/**
 * The formatting of a text, or none where the channel shows none: then the text goes out without it. Pure.
 * Throws a BellhopError for a stretch that does not lie inside the text.
 */
export function checkEntities(
  { entities }: MessageRequest,
  text: string | null,
  capabilities: Capabilities,
): readonly TextEntity[] {
  if (entities === undefined) return [];
  const length = text?.length ?? 0;
  const outside = entities.findIndex((entity) => entity.offset + entity.length > length);
  if (outside >= 0)
    throw new BellhopError('invalid_request', {
      pointer: `entities[${outside}]`,
      detail: `It reaches beyond the text, which has ${length} UTF-16 code units.`,
    });
  return capabilities.entities ? entities : [];
}

/** The buttons under a text. Pure; throws a BellhopError where the channel has none, or not so many. */
export function checkButtons({ buttons }: MessageRequest, { maxButtons }: Capabilities): readonly Button[] {
  if (buttons === undefined || buttons.length === 0) return [];
  if (buttons.length > maxButtons)
    throw new BellhopError('unsupported_content', {
      pointer: maxButtons === 0 ? 'buttons' : `buttons[${maxButtons}]`,
      detail:
        maxButtons === 0 ? 'This channel knows no buttons.' : `This channel takes ${maxButtons} buttons under a text.`,
    });
  const ids = buttons.map(({ id }) => id);
  const repeated = ids.findIndex((id, index) => ids.indexOf(id) < index);
  if (repeated >= 0)
    throw new BellhopError('invalid_request', {
      pointer: `buttons[${repeated}].id`,
      detail: 'Another button of the message has this id; nobody could tell which of them was pressed.',
    });
  return buttons;
}

/** Pictures with their colours, joiners and selectors, flags, and digits on keycaps. */
const EMOJI =
  /^(?:(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*](?=\ufe0f?\u20e3))[\ufe0f\u20e3\p{Emoji_Modifier}\u{e0020}-\u{e007f}]*\u200d?)*$/u;

/** A reaction carries no words; empty takes one back. Pure; throws `invalid_request`. */
export function checkEmoji(emoji: string): void {
  if (EMOJI.test(emoji)) return;
  throw new BellhopError('invalid_request', { pointer: 'emoji', detail: 'Expected an emoji and nothing else.' });
}
