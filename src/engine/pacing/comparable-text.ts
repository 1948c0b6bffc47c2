/** Zero-width and other marks that no reader sees. */
const INVISIBLE = /[\p{Cf}\p{Mn}\p{Cc}]/gu;
const NO_WORD = /[^\p{L}\p{N}]+/gu;

/**
 * The same for texts that a reader would call the same: case, accents, punctuation, spaces and invisible characters do not count,
 * so that nothing gets past the limit by varying what nobody sees. Numbers count: room 12 is not room 14. `null` for no text.
 */
export function comparableText(text: string | null): string | null {
  const words = (text ?? '').normalize('NFKD').replace(INVISIBLE, '').toLowerCase().replace(NO_WORD, ' ').trim();
  return words === '' ? null : words;
}
