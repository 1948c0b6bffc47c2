import type { Random } from '../../../src/core/random.ts';

/** One number of a model. Nobody outside the networks knows it, so each account is judged by one of the range, drawn by its seed. */
interface Parameter {
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  /** Who says so. None of it is official. */
  readonly source: string;
}

export const parameters = {
  burstMessages: {
    least: 4,
    most: 5,
    unit: 'messages within `burstMs`',
    source: 'five messages within a second cannot be a person; test numbers were blocked for 45 days',
  },
  burstMs: { least: 1_000, most: 3_000, unit: 'ms', source: 'the same; queues of vendors wait 1 to 3 s (Z-API)' },
  perMinute: {
    least: 20,
    most: 30,
    unit: 'messages a minute',
    source: '30 sends a minute (telethon-floodgate); a queue that waits 3 s sends 20 (Z-API)',
  },
  unaskedPerHour: {
    least: 80,
    most: 200,
    unit: 'messages an hour to people who did not write within a day',
    source: '80 an hour (effess); 100 to 200 an hour risky even when old (waiflow)',
  },
  unaskedPerDay: {
    least: 300,
    most: 500,
    unit: 'the same in 24 hours',
    source: '500 a day from the sixth day (effess)',
  },
  strangersWeek1: {
    least: 10,
    most: 20,
    unit: 'people in 24 hours who never wrote, first week of the number',
    source: '10 to 20 a day (oxenty)',
  },
  strangersWeek2: { least: 30, most: 50, unit: 'the same, second week', source: '30 to 50 a day (oxenty)' },
  strangersWeek3: { least: 50, most: 100, unit: 'the same, third week', source: '50 to 100 a day (oxenty)' },
  strangersLater: { least: 80, most: 150, unit: 'the same, later', source: '100 and more a day (oxenty)' },
  strangersInARow: {
    least: 18,
    most: 20,
    unit: 'people within ten minutes who never wrote',
    source: 'banned after 18 to 20 strangers at 30 s each (2018); gaps of 7 s did not help (Baileys 2131)',
  },
  sameTextPerHour: {
    least: 11,
    most: 30,
    unit: 'people an hour who get the same text',
    source: 'more than ten an hour is a sign of spam (vendors); ban reason 104',
  },
  sameTextStrangersPerDay: {
    least: 15,
    most: 20,
    unit: 'people in 24 hours who never wrote and get the same text',
    source: '15 to 20 template texts a day to strangers: 24 h, 48 h, life (Baileys 1983)',
  },
  newChatQuota: {
    least: 250,
    most: 1_000,
    unit: 'new chats in 30 days that nobody answered',
    source:
      'a monthly quota since October 2025, its size undisclosed; 250 and 1,000 are steps of the official interface',
  },
  answeredPercent: {
    least: 5,
    most: 10,
    unit: 'per cent of the last new chats that were answered; fewer is odd',
    source: 'hotels are answered 22 to 32 % (TextUs); a quarter to a third of that',
  },
  answeredSample: {
    least: 40,
    most: 100,
    unit: 'new chats of the last week, each a day old or more',
    source: 'own estimate',
  },
  inARow: {
    least: 4,
    most: 8,
    unit: 'messages in a row to one person who does not answer',
    source: 'vendors: twice; own estimate',
  },
  blocksPerDay: { least: 3, most: 6, unit: 'people in 24 hours who block', source: 'ban reason 102; own estimate' },
  blocksPerWeek: { least: 6, most: 12, unit: 'the same in 7 days', source: 'twice as many; own estimate' },
  blockedPercent: {
    least: 2,
    most: 5,
    unit: 'per cent of the people who were written to unasked in 7 days; of fewer who block it takes no notice',
    source: 'some 3 % bring severe restrictions (Pilot Status); numbers are rated by the last seven days (360dialog)',
  },
  attemptsWhileClosed: {
    least: 3,
    most: 10,
    unit: 'new chats tried although they are closed',
    source: 'a refused message that is tried again makes it worse (baileys-api 341); own estimate',
  },
  typedMs: {
    least: 300,
    most: 800,
    unit: 'ms of "typing…", less is none',
    source: 'one character takes 332 ms on a phone (Palin 2019)',
  },
  untypedPercent: {
    least: 60,
    most: 90,
    unit: 'per cent of the last messages that nobody typed, or that answer what nobody read',
    source: 'people paste and forward too; own estimate',
  },
  behaviourSample: {
    least: 30,
    most: 40,
    unit: 'messages, or gaps',
    source: 'with fewer than 30 gaps a person would be taken for a machine now and then; own reckoning',
  },
  alikePercent: {
    least: 50,
    most: 70,
    unit: 'per cent of the last gaps within a tenth of their median',
    source: 'fixed spacing is the commonest give-away (vendors); people have one gap in nine there',
  },
  nightFrom: { least: 22, most: 23, unit: 'hour of the day', source: 'messages from 8 to 21 h only (US TCPA)' },
  nightTo: { least: 6, most: 7, unit: 'hour of the day', source: 'the same' },
  nightsPerWeek: {
    least: 5,
    most: 20,
    unit: 'messages at night in 7 days that nobody asked for',
    source: 'own estimate',
  },
  warmUpWeek1: {
    least: 20,
    most: 30,
    unit: 'messages in 24 hours that nobody asked for, first week of the number',
    source: 'more than 20 to 30 a day draws a review (waiflow)',
  },
  warmUpWeek2: {
    least: 50,
    most: 80,
    unit: 'the same, second week',
    source: '30 to 50 a day to strangers alone (oxenty)',
  },
  warmUpWeek3: {
    least: 100,
    most: 200,
    unit: 'the same, third week',
    source: '50 to 100 a day to strangers alone (oxenty)',
  },
  jump: {
    least: 20,
    most: 50,
    unit: 'times the daily mean of the week before, at least ten a day',
    source: 'a jump from 10 to 500 a day is suspicious (waiflow)',
  },
  warnPercent: { least: 70, most: 90, unit: 'per cent of a limit', source: 'warnings come near the cap; own estimate' },
  waitSeconds: { least: 30, most: 900, unit: 's of FLOOD_WAIT', source: 'seconds to a day are seen' },
  closedDays: {
    least: 1,
    most: 7,
    unit: 'days of PEER_FLOOD, or of a lock on new chats',
    source: 'a day to a week is reported',
  },
  combinedScore: {
    least: 1.5,
    most: 2,
    unit: 'sum of the squares of all degrees, each with its weight',
    source: 'two signs near their limits are as bad as one beyond it; own estimate',
  },
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterId = keyof typeof parameters;
/** The numbers by which one account is judged. */
export type Drawn = (id: ParameterId) => number;

/** Whole numbers where both ends are. */
export function drawParameters(random: Random): Drawn {
  const draw = ({ least, most }: Parameter): number => {
    const isWhole = Number.isInteger(least) && Number.isInteger(most);
    return isWhole ? least + Math.floor(random.next() * (most - least + 1)) : least + random.next() * (most - least);
  };
  const drawn = new Map<string, number>(Object.entries(parameters).map(([id, parameter]) => [id, draw(parameter)]));
  return (id) => drawn.get(id) ?? parameters[id].least;
}
