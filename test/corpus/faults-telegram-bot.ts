import type { Fault, Label } from './fault.ts';
import { forHours, named, retries, retriesUnknown, stops, waits } from './fault.ts';
import { doorFaults } from './faults-door.ts';
import type { BotStage } from './stage-bot.ts';

type BotFault = Fault<BotStage>;

const API = 'core.telegram.org/bots/api#making-requests and #responseparameters';
const UPDATES = 'core.telegram.org/bots/api#getting-updates';
const HTTP = 'RFC 9110';

const revoked = stops(['logged_out'], 'relink');
const elsewhere = stops(['replaced'], 'open_app', 'start', 'relink');
const page: Label = {
  kinds: ['network', 'protocol_changed', 'unknown'],
  responses: ['retries alone'],
  person: ['none', 'wait', 'upgrade'],
  after: 'connected',
};

const refusal = (
  id: string,
  [code, description, parameters]: readonly [number, string, Readonly<Record<string, unknown>>?],
  label: Label,
  source = API,
): BotFault => ({
  id: `bot-${id}`,
  phase: 'connecting',
  label,
  source,
  inject: (stage) => stage.refuseAll(code, description, parameters),
});

const live = (
  id: string,
  [code, description, parameters]: readonly [number, string, Readonly<Record<string, unknown>>?],
  label: Label,
  source = UPDATES,
): BotFault => ({
  id: `bot-${id}`,
  phase: 'connected',
  label,
  source,
  isSilent: true,
  inject: (stage) => stage.refuseUpdates(code, description, parameters),
});

/** A line that polls need not fall where one question fails: it asks again. */
const asksAgain = (label: Label): Label => ({
  ...label,
  responses: [...label.responses, 'carries on', 'retries alone'],
});

const passing: readonly BotFault[] = [
  refusal('401', [401, 'Unauthorized'], revoked),
  refusal(
    '404',
    [404, 'Not Found'],
    { ...revoked, kinds: ['logged_out', 'unknown'], person: ['relink', 'start', 'upgrade'] },
    `${API}: what a token of the wrong form is answered with`,
  ),
  refusal(
    '403-deactivated',
    [403, 'Forbidden: bot was deleted'],
    {
      ...revoked,
      kinds: ['logged_out', 'banned', 'unknown'],
      responses: ['stops', 'retries alone'],
      person: ['relink', 'open_app', 'none', 'upgrade'],
      after: 'not looked at',
    },
    'seen of chats only',
  ),
  refusal(
    '429',
    [429, 'Too Many Requests: retry after 300', { retry_after: 300 }],
    waits(300_000, 'restricted', 'network'),
  ),
  refusal('429-without-time', [429, 'Too Many Requests'], {
    ...retries('restricted', 'network'),
    responses: ['waits, then retries', 'retries alone'],
  }),
  refusal('500', [500, 'Internal Server Error'], retries('network', 'unknown'), HTTP),
  refusal('502', [502, 'Bad Gateway'], retries('network', 'unknown'), HTTP),
  refusal(
    '400-unknown',
    [400, 'Bad Request: something new'],
    retriesUnknown('unknown', 'network', 'protocol_changed'),
    `${API}: nothing says that the token is gone`,
  ),
  live('401-live', [401, 'Unauthorized'], revoked, API),
  live(
    '409-other-poller',
    [409, 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'],
    elsewhere,
  ),
  live(
    '409-webhook',
    [
      409,
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    ],
    elsewhere,
  ),
  live(
    '429-live',
    [429, 'Too Many Requests: retry after 60', { retry_after: 60 }],
    asksAgain(waits(60_000, 'restricted', 'network')),
  ),
  live('500-live', [500, 'Internal Server Error'], asksAgain(retries('network', 'unknown')), HTTP),
  live('504-live', [504, 'Gateway Timeout'], asksAgain(retries('network', 'unknown')), HTTP),
  {
    id: 'bot-html',
    phase: 'connecting',
    label: page,
    source: 'a page in place of JSON: a portal or a proxy',
    inject: (stage) => stage.answerAll(200, '<html>Welcome to Hotel Wi-Fi</html>'),
  },
  {
    id: 'bot-html-502',
    phase: 'connecting',
    label: page,
    source: 'nginx before the Bot API',
    inject: (stage) => stage.answerAll(502, '<html>502 Bad Gateway</html>'),
  },
  {
    id: 'bot-json-of-another-shape',
    phase: 'connecting',
    label: page,
    source: 'an answer that is no Bot API answer',
    inject: (stage) => stage.answerAll(200, '{"status":"fine"}'),
  },
  {
    id: 'bot-cut-json',
    phase: 'connecting',
    label: page,
    source: 'an answer that is cut in its middle',
    inject: (stage) => stage.answerAll(200, '{"ok":true,"resu'),
  },
  {
    id: 'bot-silence',
    phase: 'connecting',
    isSilent: true,
    label: retries('network'),
    source: 'a server that takes the question and never answers',
    inject: (stage) => stage.fallSilent(),
  },
  ...doorFaults<BotStage>('bot', ['frozen-to-us', 'cut', 'reset', 'closed-in-order']).map((fault) =>
    fault.phase === 'connected' ? { ...fault, label: { ...asksAgain(fault.label), asksAgain: true } } : fault,
  ),
];

export const botFaults: readonly BotFault[] = [
  ...passing,
  ...named(passing, 'bot-502', 'bot-html', 'bot-400-unknown').map((fault) => forHours(fault)),
];
