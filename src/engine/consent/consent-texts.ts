/** What the guest is told, once each time. */
export interface ConsentTexts {
  readonly stopped: string;
  readonly started: string;
  readonly askBack: string;
}

/** Short, and with the way back; a guest reads them on the phone. */
const ENGLISH: ConsentTexts = {
  stopped: 'You will get no more messages from us. If you change your mind, write START.',
  started: 'Thank you. You will hear from us again.',
  askBack:
    'Do you mean your booking or our messages? To change the booking, tell us here and our team will help. To get no more messages, write STOP.',
};

const TEXTS: ReadonlyMap<string, ConsentTexts> = new Map(
  Object.entries({
    en: ENGLISH,
    de: {
      stopped: 'Sie erhalten keine Nachrichten mehr von uns. Wenn Sie es sich anders überlegen, schreiben Sie START.',
      started: 'Danke. Sie hören wieder von uns.',
      askBack:
        'Meinen Sie Ihre Buchung oder unsere Nachrichten? Zur Buchung schreiben Sie uns hier, unser Team hilft Ihnen. Keine Nachrichten mehr: STOP.',
    },
    fr: {
      stopped: "Vous ne recevrez plus de messages de notre part. Si vous changez d'avis, écrivez START.",
      started: 'Merci. Vous aurez de nouveau de nos nouvelles.',
      askBack:
        'Parlez-vous de votre réservation ou de nos messages ? Pour la réservation, écrivez-nous ici, notre équipe vous aidera. Pour ne plus recevoir de messages, écrivez STOP.',
    },
    es: {
      stopped: 'No recibirá más mensajes nuestros. Si cambia de opinión, escriba START.',
      started: 'Gracias. Volverá a tener noticias nuestras.',
      askBack:
        '¿Se refiere a su reserva o a nuestros mensajes? Para la reserva, escríbanos aquí y le ayudaremos. Para no recibir más mensajes, escriba STOP.',
    },
    it: {
      stopped: 'Non riceverà più messaggi da noi. Se cambia idea, scriva START.',
      started: 'Grazie. Riceverà di nuovo nostre notizie.',
      askBack:
        'Intende la prenotazione o i nostri messaggi? Per la prenotazione ci scriva qui, il nostro team la aiuterà. Per non ricevere più messaggi, scriva STOP.',
    },
    pt: {
      stopped: 'Não receberá mais mensagens nossas. Se mudar de ideias, escreva START.',
      started: 'Obrigado. Voltará a ter notícias nossas.',
      askBack:
        'Refere-se à sua reserva ou às nossas mensagens? Para a reserva, escreva-nos aqui e a nossa equipa ajuda. Para não receber mais mensagens, escreva STOP.',
    },
    nl: {
      stopped: 'U krijgt geen berichten meer van ons. Bedenkt u zich, schrijf dan START.',
      started: 'Dank u. U hoort weer van ons.',
      askBack:
        'Bedoelt u uw boeking of onze berichten? Voor de boeking schrijft u ons hier, ons team helpt u. Geen berichten meer: schrijf STOP.',
    },
  }),
);

/** In the guest's language (`de`, `de-AT`) where it is known and there are words for it, else in English. Pure. */
export function consentTexts(language: string | null): ConsentTexts {
  const tag = language?.toLowerCase().split('-')[0] ?? '';
  return TEXTS.get(tag) ?? ENGLISH;
}
