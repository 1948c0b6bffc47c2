/**
 * What a whole message means that is nothing but a keyword. `stop` and `start` are meant as they stand; `ask_back` may mean the
 * booking as well as the messages, so the guest is asked.
 */
export type Keyword = 'stop' | 'start' | 'ask_back';

/**
 * Carriers' and vendors' lists (Twilio, AWS, Braze, Telnyx agree on the English and French ones), and what guests of hotels write in
 * the languages of most travellers. Lower case, between commas; a word that may concern a booking stands under `ask_back`. Words
 * that guests also use as an answer (the Finnish for stop is the Spanish for six, the Italian for end an English yes) are left out.
 */
const WORDS: Readonly<Record<Keyword, readonly string[]>> = {
  stop: words(`
    stop, stopall, stop all, stop it, please stop, stop please, unsubscribe, unsubscribe me, quit, revoke, optout, opt out, opt-out,
    remove, remove me, stop messaging me, no more messages, do not contact me, don't contact me, do not text me, don't text me,
    do not message me, stopp, abmelden, abbestellen, austragen, keine nachrichten mehr, bitte keine nachrichten mehr, afmelden,
    uitschrijven, geen berichten meer, avregistrera, afmeld, avmeld, lopeta, arret, arrêt, arreter, arrêter, stop sms,
    désabonner, desabonner, me désabonner, désinscription, plus de messages, baja, darme de baja, dar de baja, parar, pare,
    no más mensajes, no mas mensajes, cancelar suscripción, cancelar suscripcion, sair, descadastrar, cancelar inscrição,
    sem mais mensagens, ferma, fermati, disiscrivimi, disiscrizione, niente più messaggi, dezabonare, dezabonează-mă, atura, wypisz,
    wypisz mnie, nie pisz, odhlásit, odhlasit, odhlásiť, leiratkozás, leiratkozom, odjava, durdur, abonelikten çık,
    mesaj atmayın, στοπ, διακοπή, διαγραφή, σταματήστε, стоп, отписаться, отпишите, отпишите меня, не пишите, не пишите мне,
    відписатися, не пишіть, отписване, توقف, إيقاف, ايقاف, قف, إلغاء الاشتراك, الغاء الاشتراك, הסר, הסירו, הסר אותי, עצור, रोकें,
    बंद करो, बंद करें, 停止, 退订, 退訂, 停, 不要再发, 不要再發, 配信停止, 停止して, やめて, やめてください, 중지, 수신거부, 그만, หยุด,
    เลิกรับ, dừng, dừng lại, hủy đăng ký, berhenti, berhenti berlangganan`),
  ask_back: words(`
    cancel, cancel it, cancel please, please cancel, end, storno, stornieren, kündigen, beenden, ende, annuler, fin, cancelar, cancela,
    cancelación, fim, annulla, annullare, cancella, annuleren, avbryt, avboka, avbestill, annuller, peruuta, anuluj,
    rezygnuję, zrušit, zrušiť, lemondás, lemondom, anulează, otkaži, iptal, iptal et, ακύρωση, отмена, отменить, отмените, скасувати,
    إلغاء, الغاء, ביטול, रद्द, रद्द करें, 取消, キャンセル, 취소, ยกเลิก, hủy, batal, batalkan`),
  start: words(`
    start, unstop, subscribe, resume, opt in, opt-in, optin, anmelden, aanmelden, reprendre, s'abonner, alta, suscribir, suscribirme,
    inscrever, iscrivimi, wznów, başlat, έναρξη, старт, начать, подписаться, почати, ابدأ, اشتراك, התחל, 开始, 開始, 订阅, 訂閱, 再開,
    시작, เริ่ม, bắt đầu, mulai`),
};

/** Longer texts are no keyword; the longest of the lists has 28 characters. */
const LONGEST = 40;
/** What people put around a word: quotes, full stops, exclamation marks, emoji, brackets. Letters, marks and digits stay. */
const AROUND = /^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu;

const KEYWORDS: ReadonlyMap<string, Keyword> = new Map(
  (['start', 'ask_back', 'stop'] as const).flatMap((keyword) =>
    WORDS[keyword].map((word): [string, Keyword] => [normalise(word), keyword]),
  ),
);

/** Reads a guest's message. Only one that is a keyword as a whole counts: "please stop by at reception" asks for nothing. Pure. */
export function readKeyword(text: string): Keyword | null {
  if (text.length > LONGEST) return null;
  return KEYWORDS.get(normalise(text)) ?? null;
}

/** Every word that is understood, for the reference. */
export function keywordsOf(keyword: Keyword): readonly string[] {
  return [...new Set(WORDS[keyword])];
}

function normalise(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll('’', "'");
  // Turkish has two letters i, which capitals from other keyboards mix up.
  const turkish = plain.replaceAll('ı', 'i').replaceAll('i\u0307', 'i');
  return turkish.replaceAll(AROUND, '').replaceAll(/\s+/gu, ' ');
}

function words(list: string): readonly string[] {
  return list.split(',').map((word) => word.trim().replaceAll(/\s+/gu, ' '));
}
