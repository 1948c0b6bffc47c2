import { describe, expect, it } from 'vitest';
import { keywordsOf, readKeyword } from '../../../../src/engine/consent/keywords.ts';

describe('a guest asks for no more messages', () => {
  it.each([
    'STOP',
    'stop',
    ' Stop. ',
    '"STOP"',
    'Stop!!! 🙏',
    'STOP ALL',
    'stop   all',
    'Opt-Out',
    'ＳＴＯＰ',
    'Don’t text me',
  ])('by %j', (text) => {
    expect(readKeyword(text)).toBe('stop');
  });

  it.each([
    'Abmelden',
    'arrêt',
    'ARRÊT',
    'Baja',
    'Sair',
    'СТОП',
    'Не пишите',
    'توقف',
    'הסר',
    'रोकें',
    '退订',
    '配信停止',
    '수신거부',
    'หยุด',
    'DỪNG',
    'Abonelikten çık',
  ])('in another language: %j', (text) => {
    expect(readKeyword(text)).toBe('stop');
  });

  it('also where accents come in two pieces', () => {
    expect(readKeyword('arre\u0302t')).toBe('stop');
    expect(readKeyword('odhla\u0301sit')).toBe('stop');
  });
});

describe('a guest may mean the booking', () => {
  it.each([
    'Cancel',
    'CANCEL.',
    'storno',
    'Annuler',
    'cancelar',
    'anuluj',
    'отмена',
    'iptal',
    '取消',
    'キャンセル',
    '취소',
    'إلغاء',
  ])('by %j', (text) => {
    expect(readKeyword(text)).toBe('ask_back');
  });
});

it.each(['START', 'unstop', 'Подписаться', '再開'])('takes %j as a wish to hear from the hotel again', (text) => {
  expect(readKeyword(text)).toBe('start');
});

it.each([
  'Please stop by at reception',
  'Can you cancel my booking?',
  'Where is the bus stop?',
  'yes',
  'Fine.',
  'seis',
  'Peru',
  '6',
  'ok',
  'Start of breakfast?',
  '',
  '🙏',
  'a'.repeat(500),
])('takes %j for what it says', (text) => {
  expect(readKeyword(text)).toBeNull();
});

it('gives no word two meanings, and knows each of its own words', () => {
  const all = (['stop', 'ask_back', 'start'] as const).flatMap((keyword) =>
    keywordsOf(keyword).map((word) => [word, keyword] as const),
  );
  expect(new Set(all.map(([word]) => word)).size).toBe(all.length);
  for (const [word, keyword] of all) expect([word, readKeyword(word.toUpperCase())]).toEqual([word, keyword]);
});
