import type { HoldRule } from './types.ts';

/** One limit as people read about it: in the configuration, in its reference, and on a session's page. */
export interface LimitRow {
  /** The rule by which a message is held that would pass it. */
  readonly rule: HoldRule;
  readonly value: number;
  readonly unit: string;
  readonly reason: string;
  /** Where the number comes from. None of these is official: networks publish no limits. */
  readonly source: string;
}

/** Every limit of what an account sends, with its default. One table: rules, budgets and reference read it. */
export const limitTable = {
  accountPerMinute: {
    rule: 'account_minute',
    value: 8,
    unit: 'messages a minute, all kinds but safety',
    reason: 'Nobody reads, types and sends more; it cannot be noticed by staff who answer.',
    source: 'about 8 automatic answers a minute (Loopwave)',
  },
  safetyPerMinute: {
    rule: 'account_minute',
    value: 20,
    unit: 'messages a minute, safety',
    reason: 'A warning to a full house goes out as fast as a hurried person could paste it.',
    source: 'three seconds for each guest; own estimate',
  },
  accountPerHour: {
    rule: 'account_hour',
    value: 80,
    unit: 'messages an hour, all kinds; holds back only what the hotel sends by itself',
    reason: 'On a busy hour at the desk the answers to guests take the place of everything else.',
    source: 'default of a vendor of gateways (effess)',
  },
  accountPerDay: {
    rule: 'account_day',
    value: 500,
    unit: 'messages in 24 hours, all kinds; holds back only what the hotel sends by itself',
    reason: 'More is the traffic of a call centre, and numbers for people are not made for it.',
    source: 'the most that vendors advise for numbers in their second week (effess)',
  },
  ownPerHour: {
    rule: 'own_hour',
    value: 20,
    unit: 'messages an hour that the hotel sends by itself',
    reason: 'What guests did not ask for comes at a pace at which somebody could have written it between other work.',
    source: 'a quarter of the 80 an hour that vendors call the most; own estimate',
  },
  ownPerDay: {
    rule: 'own_day',
    value: 120,
    unit: 'messages in 24 hours that the hotel sends by itself',
    reason: 'Some two for each room of a middling hotel; more is a campaign.',
    source: '100 and more a day from the fourth week (oxenty); own estimate',
  },
  ownWeek1: {
    rule: 'own_day',
    value: 15,
    unit: 'messages in 24 hours that the hotel sends by itself, in the first week of the number',
    reason: 'Also those who know it are few at first; a young number that sends much is looked at.',
    source: 'more than 20 to 30 a day in the first week draw a review (waiflow); three quarters of the lower',
  },
  ownWeek2: {
    rule: 'own_day',
    value: 40,
    unit: 'messages in 24 hours that the hotel sends by itself, in the second week',
    reason: 'A slow rise.',
    source: '30 to 50 a day (oxenty)',
  },
  ownWeek3: {
    rule: 'own_day',
    value: 80,
    unit: 'messages in 24 hours that the hotel sends by itself, in the third week',
    reason: 'A slow rise.',
    source: '50 to 100 a day (oxenty)',
  },
  chatGapSeconds: {
    rule: 'chat_cool_down',
    value: 10,
    unit: 'seconds between any message and the next that the hotel sends by itself, one conversation',
    reason: 'A message that nobody wrote must not fall into the middle of a talk.',
    source: 'one message in 10 to 30 s for each chat (open-wa)',
  },
  chatCoolDownSeconds: {
    rule: 'chat_cool_down',
    value: 300,
    unit: 'seconds between two messages that the hotel sends by itself, one conversation',
    reason: 'Two in a row look like a machine that stutters.',
    source: 'five minutes between automatic answers (Loopwave)',
  },
  unansweredInARow: {
    rule: 'unanswered',
    value: 2,
    unit: 'messages in a row that a guest has not answered',
    reason: 'Who does not answer does not want a third; the guest, or a person at the desk, opens it again.',
    source: 'networks count messages that nobody answers against the sender (WhatsApp, October 2025)',
  },
  sameTextPerHour: {
    rule: 'same_text',
    value: 10,
    unit: 'contacts an hour who get the same text',
    reason: 'The same text to many is the surest sign of a campaign; a person has to say that it is none.',
    source: 'ban reason 104, same text to many (WhatsApp); ten an hour called a sign of spam by vendors',
  },
  sameTextStrangersPerDay: {
    rule: 'same_text',
    value: 10,
    unit: 'guests in 24 hours who never wrote and get the same text',
    reason:
      'A first word that is the same for everybody is what spam is known by; one with the name of the guest is not.',
    source: '15 to 20 template texts a day to strangers cost numbers (Baileys 1983); two thirds of the lower',
  },
  newChatsWeek1: {
    rule: 'new_chats_day',
    value: 5,
    unit: 'guests in 24 hours who never wrote, in the first week of the number',
    reason: 'Whom a young number writes to decides whether it is taken for a sender of spam.',
    source: '10 to 20 a day in the first week are called risky (oxenty, waiflow); half of the lower',
  },
  newChatsWeek2: {
    rule: 'new_chats_day',
    value: 10,
    unit: 'guests in 24 hours who never wrote, in the second week',
    reason: 'A slow rise.',
    source: 'a third of 30 to 50 (oxenty)',
  },
  newChatsWeek3: {
    rule: 'new_chats_day',
    value: 20,
    unit: 'guests in 24 hours who never wrote, in the third week',
    reason: 'A slow rise.',
    source: 'a third of 50 to 100 (oxenty)',
  },
  newChatsLater: {
    rule: 'new_chats_day',
    value: 40,
    unit: 'guests in 24 hours who never wrote, from the fourth week on',
    reason: 'As many as arrive in a large house; all others write first.',
    source: '100 and more (oxenty), less than half of it',
  },
  newChatGapSeconds: {
    rule: 'new_chat_gap',
    value: 90,
    unit: 'seconds between two guests who never wrote',
    reason: 'Numbers were banned after some twenty strangers at 30 s.',
    source: 'reports of loss at 7 and 30 s (Baileys 1983, 2131); three times the longer',
  },
  replyRatioPercent: {
    rule: 'reply_ratio',
    value: 15,
    unit: 'per cent of the last 40 own messages that were answered; below it no new guest is written to that day',
    reason: 'Guests who do not answer are what networks ban for.',
    source: '22 to 32 % of hotels’ messages are answered (TextUs); two thirds of the lower',
  },
  newChatRatioPercent: {
    rule: 'reply_ratio',
    value: 10,
    unit: 'per cent of the last 20 guests who were written to first that answered; below it one new guest a day',
    reason: 'Guests who know the number answer, and must not hide that strangers do not.',
    source:
      'networks count new chats that nobody answers (WhatsApp, October 2025); half of the 22 % of hotels (TextUs)',
  },
  newChatsUntold: {
    rule: 'reply_ratio',
    value: 10,
    unit: 'guests who never wrote, were written to within four hours and have not answered; the next one waits; half as many before 20 have been judged',
    reason:
      'A list of people who want nothing from the hotel must not all have been written to by the time that it shows.',
    source: 'half of the 20 whose answers are looked at; own estimate',
  },
  optOutsPerDay: {
    rule: 'opt_outs',
    value: 2,
    unit: 'guests a day who asked for no more; from then on no new guest is written to that day',
    reason: 'Two on one day is no chance: something is wrong with what is being sent.',
    source: '0.4 to 0.9 % of hotels’ messages (TextUs): two of 40 is five times as many',
  },
  undeliveredPerHundred: {
    rule: 'undelivered',
    value: 30,
    unit: 'of a hundred own messages, 4 to 24 hours old, that never reached the guest, of at least ten; above it no new guest is written to',
    reason:
      'Numbers that are not in use, guests who have blocked the hotel, or a network that quietly passes nothing on.',
    source: 'own estimate: phones of travellers are off for some hours, those of three in ten are not',
  },
  newChatsReservePercent: {
    rule: 'new_chats_quota',
    value: 50,
    unit: 'per cent of what the network’s quota of new guests still allows that are kept back once it warns; the rest is spread until it counts anew',
    reason:
      'Who goes on as before after a warning is shut out for the rest of the month, and then cannot write to the guest who comes tonight.',
    source: 'a monthly quota with two warnings before it closes (WhatsApp, October 2025); the half is an own estimate',
  },
} as const satisfies Readonly<Record<string, LimitRow>>;

export type LimitId = keyof typeof limitTable;
export type Limits = Readonly<Record<LimitId, number>>;

/** How many of the hotel's own messages the reply ratio looks back on. */
export const REPLY_RATIO_SAMPLE = 40;
/** How many first words the ratio of new chats looks back on: fewer than a day's, so that it is known the same day. */
export const NEW_CHAT_RATIO_SAMPLE = 20;

export const defaultLimits: Limits = {
  accountPerMinute: limitTable.accountPerMinute.value,
  safetyPerMinute: limitTable.safetyPerMinute.value,
  accountPerHour: limitTable.accountPerHour.value,
  accountPerDay: limitTable.accountPerDay.value,
  ownPerHour: limitTable.ownPerHour.value,
  ownPerDay: limitTable.ownPerDay.value,
  ownWeek1: limitTable.ownWeek1.value,
  ownWeek2: limitTable.ownWeek2.value,
  ownWeek3: limitTable.ownWeek3.value,
  chatGapSeconds: limitTable.chatGapSeconds.value,
  chatCoolDownSeconds: limitTable.chatCoolDownSeconds.value,
  unansweredInARow: limitTable.unansweredInARow.value,
  sameTextPerHour: limitTable.sameTextPerHour.value,
  sameTextStrangersPerDay: limitTable.sameTextStrangersPerDay.value,
  newChatsWeek1: limitTable.newChatsWeek1.value,
  newChatsWeek2: limitTable.newChatsWeek2.value,
  newChatsWeek3: limitTable.newChatsWeek3.value,
  newChatsLater: limitTable.newChatsLater.value,
  newChatGapSeconds: limitTable.newChatGapSeconds.value,
  replyRatioPercent: limitTable.replyRatioPercent.value,
  newChatRatioPercent: limitTable.newChatRatioPercent.value,
  newChatsUntold: limitTable.newChatsUntold.value,
  optOutsPerDay: limitTable.optOutsPerDay.value,
  undeliveredPerHundred: limitTable.undeliveredPerHundred.value,
  newChatsReservePercent: limitTable.newChatsReservePercent.value,
};
