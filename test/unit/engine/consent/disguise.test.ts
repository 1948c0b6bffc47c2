import { describe, expect, it } from 'vitest';
import { findDisguise } from '../../../../src/engine/consent/disguise.ts';

describe('texts that are varied to slip past a filter', () => {
  it.each([
    ['a zero-width space', 'Your ro\u200bom is ready', 7],
    ['a soft hyphen', 'Your room is rea\u00addy', 16],
    ['a word joiner at the end', 'Your room is ready\u2060', 18],
    ['a joiner between letters', 'Your r\u200doom', 6],
    ['a selector after a letter', 'Your ro\ufe0fom', 7],
    ['tags without a flag', 'Room\u{e0041}\u{e0042}', 4],
    ['a Hangul filler', 'Room \u3164 ready', 5],
    ['a control character', 'Room\u0000 ready', 4],
    ['an order to write backwards', 'Room \u202eydaer', 5],
    ['the empty sign of Braille', 'Room\u2800ready', 4],
    ['a break of lines between Latin letters', 'ro\u200bom ไทย', 2],
  ])('%s', (_name, text, offset) => {
    expect(findDisguise(text)).toMatchObject({ kind: 'invisible', offset });
  });

  it.each([
    ['Cyrillic letters in a Latin word', 'Your rооm is ready', 6],
    ['a Greek letter in a Latin word', 'Yοur room', 1],
    ['a Latin letter in a Russian word', 'Ваш нoмер готов', 5],
    ['an Armenian letter in a Latin word', 'Your rօom', 6],
    ['a Cherokee letter in a Latin word', 'FᎡEE', 1],
  ])('%s', (_name, text, offset) => {
    expect(findDisguise(text)).toMatchObject({ kind: 'look_alike', offset });
  });
});

it('finds nothing in what it passes at a glance, wherever it looks closer', () => {
  const isQuick = /[\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027\u20ac]/;
  const letters = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).filter((one) =>
    isQuick.test(one),
  );
  expect(letters.length).toBeGreaterThan(400);
  // The telephone is none of them, so that the whole text is looked at.
  for (const letter of letters) expect(findDisguise(`a${letter}b ${letter} ☎`)).toBeNull();
});

it('names the character, for nobody sees it', () => {
  expect(findDisguise('Früh\u00adstück')?.character).toBe('\u00ad');
  expect(findDisguise('Ваш нoмер')?.character).toBe('o');
});

it.each([
  'Guten Tag, Ihr Zimmer 118 ist ab 15 Uhr frei – bis später!',
  'Ваш номер Deluxe готов, ждём вас в Wi-Fi-лобби',
  'نرحب بكم في الفندق، رقم غرفتكم ١١٨',
  'می‌خواهم اتاق را رزرو کنم',
  'क्‍या आप आ रहे हैं? नमस्ते',
  '您的房间 118 已准备好。Wi-Fi 密码：aurora',
  'Willkommen 👨‍👩‍👧‍👦 und ❤️ aus 🏴󠁧󠁢󠁥󠁮󠁧󠁿!',
  'Καλώς ήρθατε στο Hotel Aurora',
  'π ≈ 3.14, Ω und µ',
  'ไทย ภาษา and English',
  'SPAцентр, VIPам и Wi-Fi: IT-отдел поможет',
  'Людовик ХIV, ХIХ век',
  'สวัสดี\u200bครับ',
  'សូម\u200bស្វាគមន៍',
  'မင်္ဂလာပါ\u200bခင်ဗျာ',
  'Dear \u2068Amira\u2069, welcome',
  'Line\r\nand\ttab',
])('lets %j pass', (text) => {
  expect(findDisguise(text)).toBeNull();
});
