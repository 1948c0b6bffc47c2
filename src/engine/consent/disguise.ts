/** A text that was made to look different to a machine than to its reader. */
export interface Disguise {
  readonly kind: 'invisible' | 'look_alike';
  /** UTF-16 code units from the beginning of the text. */
  readonly offset: number;
}

/**
 * Characters without a picture that no keyboard of a front desk makes: soft hyphens, zero-width spaces, word joiners, fillers. Joiners,
 * selectors and tags are looked at below; marks of direction belong into Arabic and Hebrew texts.
 */
const INVISIBLE =
  /(?!\p{Join_Control}|\p{Variation_Selector}|\p{Bidi_Control}|[\u{e0000}-\u{e0fff}])\p{Default_Ignorable_Code_Point}/u;
/** Tags spell the flags of England, Scotland and Wales after a black flag; anywhere else they only hide something. */
const TAGS = /(?<!\u{1f3f4}[\u{e0020}-\u{e007f}]*)[\u{e0000}-\u{e007f}]/u;
/** A joiner between Latin, Cyrillic or Greek letters, or digits, joins nothing; emoji, Arabic and Indic scripts need it. */
const LOOSE_JOINER = /(?<=[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}0-9\s])\p{Join_Control}/u;
/** Selectors of variants belong to emoji and ideographs, not to the letters of these scripts. */
const LOOSE_SELECTOR = /(?<=[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}])\p{Variation_Selector}/u;

const WORD = /[\p{L}\p{M}]+/gu;
const LATIN = /\p{Script=Latin}/u;
/** Letters of other scripts that are drawn like Latin ones; words like `Ω` or `π` in a Latin text mix nothing. */
const LIKE_LATIN = /[аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅαενορτυχκιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]/u;

/**
 * Finds what only serves to slip past a filter of equal texts: invisible characters, and letters of one script within words of another.
 * Languages that need joiners or several scripts side by side pass. Pure; null = an honest text.
 */
export function findDisguise(text: string): Disguise | null {
  for (const pattern of [INVISIBLE, TAGS, LOOSE_JOINER, LOOSE_SELECTOR]) {
    const found = pattern.exec(text);
    if (found !== null) return { kind: 'invisible', offset: found.index };
  }
  for (const word of text.matchAll(WORD)) {
    if (LATIN.test(word[0]) && LIKE_LATIN.test(word[0])) return { kind: 'look_alike', offset: word.index };
  }
  return null;
}
