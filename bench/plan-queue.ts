/** Times the plan of a long queue against sorting the same queue. Usage: npx tsx bench/plan-queue.ts [messages] */
import { loadavg } from 'node:os';
import { seededRandom } from '../src/core/random.ts';
import { planQueue } from '../src/engine/pacing/plan-queue.ts';
import { PropertyHours } from '../src/engine/pacing/property-hours.ts';
import { defaultRules } from '../src/engine/pacing/rules.ts';
import type { ChatFacts, History, Intent, SendLogEntry } from '../src/engine/pacing/types.ts';
import { describeSpread, median } from './support/statistics.ts';

const MESSAGES = Number(process.argv[2] ?? 10_000);
const GUESTS = Math.ceil(MESSAGES / 4);
const LOG_ENTRIES = 500;
const ROUNDS = 40; // the daemon plans again and again; the first few are not compiled yet
const NOW = Date.UTC(2026, 10, 23, 10);
const HOUR_MS = 3_600_000;
const purposes = ['reply', 'service', 'scheduled', 'promotional', 'safety'] as const;

const random = seededRandom(7);
const chance = (share: number): boolean => random.next() < share;
const intents: Intent[] = Array.from({ length: MESSAGES }, (_, index) => ({
  messageId: `msg_${index.toString(36).padStart(26, '0')}`,
  conversationId: `cnv_${Math.floor(random.next() * GUESTS)}`,
  purpose: purposes[Math.floor(random.next() * purposes.length)] ?? 'service',
  urgency: 'normal',
  textLength: 20 + Math.floor(random.next() * 300),
  hasMedia: chance(0.1),
  isTemplate: chance(0.5),
  textKey: `text ${Math.floor(random.next() * MESSAGES)}`,
  queuedAt: NOW - Math.floor(random.next() * HOUR_MS),
  sendAt: chance(0.2) ? NOW + Math.floor(random.next() * 48 * HOUR_MS) : null,
  expiresAt: null,
  retryAt: null,
  review: 'released',
}));
const chats = new Map<string, ChatFacts>();
for (let guest = 0; guest < GUESTS; guest += 1) {
  const isKnown = chance(0.9);
  chats.set(`cnv_${guest}`, {
    lastInboundAt: isKnown ? NOW - Math.floor(random.next() * 30 * HOUR_MS) : null,
    isKnown,
    unreadWords: chance(0.5) ? 12 : 0,
    unanswered: 0,
    isOpened: isKnown,
  });
}
const sends: SendLogEntry[] = Array.from({ length: LOG_ENTRIES }, (_, index) => ({
  messageId: `msg_old${index}`,
  conversationId: `cnv_${index % GUESTS}`,
  at: NOW - (LOG_ENTRIES - index) * 170_000,
  lane: index % 3 === 0 ? 'service' : 'reply',
  opensChat: false,
  textKey: null,
  isAnswered: index % 2 === 0,
  isUndelivered: false,
}));
const history: History = { sends, optOuts: [], chats };

/** Milliseconds of CPU: on a busy machine the clock tells about others. */
function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const rules = defaultRules('Europe/Berlin');
const input = { intents, history, rules, now: NOW, seed: 1 } as const;
const standing = { bornAt: NOW - 60 * 24 * HOUR_MS, limits: [], ban: null, busyUntil: null };
const firstMs = timed(() => planQueue({ ...input, standing }));
// Each desk of the daemon keeps its calendar.
const hours = new PropertyHours(rules, input.seed);
const planMs: number[] = [];
const sortMs: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  planMs.push(timed(() => planQueue({ ...input, standing, hours })));
  sortMs.push(timed(() => intents.toSorted((a, b) => a.queuedAt - b.queuedAt || (a.messageId < b.messageId ? -1 : 1))));
}
const last = planQueue({ ...input, standing }).findLast((each) => each.do === 'send');
const days = last?.do === 'send' ? (last.sendAt - NOW) / (24 * HOUR_MS) : 0;
console.log(`load ${loadavg()[0]?.toFixed(1)}; ${MESSAGES} messages to ${GUESTS} guests, ${LOG_ENTRIES} in the log`);
console.log(`plan: ${describeSpread(planMs)} ms of CPU; the first, before it is compiled: ${firstMs.toFixed(0)} ms`);
console.log(
  `sorting the same queue: ${describeSpread(sortMs)} ms; ratio ${(median(planMs) / median(sortMs)).toFixed(1)}`,
);
console.log(`the plan reaches ${days.toFixed(0)} days ahead`);
