import { BellhopError } from '../core/errors.ts';
import type { CheckedContent } from './check-content.ts';
import { findDisguise } from './consent/disguise.ts';

/** Every text of a message that a guest reads, whatever it stands in. Pure; throws `text_disguised`, which names the field. */
export function checkHonesty({ body, buttons, attachments, location, contacts, poll }: CheckedContent): void {
  checkHonestText(body, 'body');
  for (const [index, { label }] of buttons.entries()) checkHonestText(label, `buttons[${index}].label`);
  for (const [index, { filename }] of attachments.entries())
    checkHonestText(filename, `attachments[${index}].filename`);
  checkHonestText(location?.name ?? null, 'location.name');
  for (const [index, { name }] of contacts?.entries() ?? []) checkHonestText(name, `contacts[${index}].name`);
  if (poll === null) return;
  checkHonestText(poll.question, 'poll.question');
  for (const [index, option] of poll.options.entries()) checkHonestText(option, `poll.options[${index}]`);
}

/** The same for one text. */
export function checkHonestText(text: string | null, pointer: string): void {
  const disguise = text === null ? null : findDisguise(text);
  if (disguise === null) return;
  const { kind, offset, character } = disguise;
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const what =
    kind === 'invisible'
      ? `an invisible character (${code})`
      : `a letter of another script that looks alike (${character}, ${code})`;
  throw new BellhopError('text_disguised', {
    pointer,
    detail: `There is ${what} at place ${offset}, counted in UTF-16 code units from 0.`,
  });
}
