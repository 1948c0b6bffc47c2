/** A text that was made to look different to a machine than to its reader. */
export interface Disguise {
  readonly kind: 'invisible' | 'look_alike';
  /** UTF-16 code units from the beginning of the text. */
  readonly offset: number;
  /** What stands there. */
  readonly character: string;
}

/** Most texts of languages with Latin letters, with their dashes, quotes and the euro; nothing in them can deceive. */
const PLAIN = /^[\t\n\r\x20-\x7e\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027\u20ac]*$/;
/**
 * Characters without a picture that no keyboard of a front desk makes: soft hyphens, zero-width spaces, word joiners, fillers. Joiners,
 * selectors and tags are looked at below; marks of direction belong into Arabic and Hebrew texts. Where no spaces stand between words,
 * a zero-width one says where a line may break, and Mongolian has a separator of vowels.
 */
const INVISIBLE =
  /(?!\p{Join_Control}|\p{Variation_Selector}|\p{Bidi_Control}|[\u{e0000}-\u{e0fff}]|(?<=[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}])\u200b|\u200b(?=[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}])|(?<=\p{Script=Mongolian})\u180e)\p{Default_Ignorable_Code_Point}/u;
/** Control characters but for line breaks and tabs, orders to write backwards, and the empty one among the signs of Braille. */
const UNSEEN =
  /(?![\t\n\r])\p{Cc}|[\u202d\u202e]|(?<![\u2801-\u28ff][\u2800-\u28ff]*)\u2800(?![\u2800-\u28ff]*[\u2801-\u28ff])/u;
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
const NEITHER_LATIN_NOR_LIKE = /(?!\p{Script=Latin}|[аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅαενορτυχκιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ])\p{L}/u;
/** Latin letters that are drawn like the usual ones of Cyrillic. */
const LIKE_CYRILLIC = /[aeopcyxiABEKMHOPCTYXI]/;
const LATIN_NOT_LIKE = /(?![aeopcyxiABEKMHOPCTYXI])\p{Script=Latin}/u;
/** Scripts that no language writes in one word with Latin, and that have letters like it. */
const NEVER_WITH_LATIN = /[\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}\p{Script=Deseret}]/u;
/** Numbers of centuries and kings, as keyboards of Cyrillic make them. */
const ROMAN_NUMBER = /^[IVXLCDMХІСМ]+$/u;

/**
 * Finds what only serves to slip past a filter of equal texts: invisible characters, and letters of one script within words of another
 * that are read as if they were its own. Languages that need joiners or several scripts side by side pass, and so do foreign names with an
 * ending of the language. Pure; null = an honest text.
 */
export function findDisguise(text: string): Disguise | null {
  if (PLAIN.test(text)) return null;
  for (const pattern of [INVISIBLE, UNSEEN, TAGS, LOOSE_JOINER, LOOSE_SELECTOR]) {
    const found = pattern.exec(text);
    if (found !== null) return { kind: 'invisible', offset: found.index, character: found[0] };
  }
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const letter = LATIN.test(word) ? strangerIn(word) : null;
    if (letter !== null) return { kind: 'look_alike', offset: index + letter.index, character: letter[0] };
  }
  return null;
}

/** The letter of another script in a word that has Latin ones. */
function strangerIn(word: string): RegExpExecArray | null {
  const never = NEVER_WITH_LATIN.exec(word);
  if (never !== null) return never;
  const like = LIKE_LATIN.exec(word);
  if (like === null || ROMAN_NUMBER.test(word)) return null;
  if (!NEITHER_LATIN_NOR_LIKE.test(word)) return like;
  return LATIN_NOT_LIKE.test(word) ? null : LIKE_CYRILLIC.exec(word);
}
