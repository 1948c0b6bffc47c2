import type { CompanionDevice } from '../directory.ts';
import { describeTimelock } from '../timelocks.ts';
import { node } from '../wire/stanza.ts';
import type { IqAnswer, IqHandler, IqRequest } from './answer.ts';
import { refusal, result, unknownQuery } from './answer.ts';

/** What the small account queries need from the network. */
export interface AccountActions {
  /** The client is ready for what waits for it. */
  activate(device: CompanionDevice): void;
  /** The client's wish for the active mode is refused on purpose. */
  refusesActive(device: CompanionDevice): boolean;
  /** The client has dealt with what was out of date. */
  cleaned(device: CompanionDevice, type: string): void;
  /** The client unlinks itself, or another companion of its account. */
  unlink(device: CompanionDevice, jid: string | undefined): void;
  /** Where media are uploaded; undefined while the network has no media server. */
  mediaHost(): { hostname: string; auth: string } | undefined;
  /** When the client may begin new chats again, in milliseconds since the epoch; undefined while it may. */
  timelockEnd(device: CompanionDevice): number | undefined;
  /** How the client's account stands with its quota of new chats, as clients read it. */
  quota(device: CompanionDevice): Readonly<Record<string, unknown>>;
}

const PRIVACY = {
  readreceipts: 'all',
  last: 'all',
  online: 'all',
  profile: 'all',
  status: 'all',
  groupadd: 'all',
  calladd: 'all',
  messages: 'all',
} as const;

const MEDIA_TTL_SECONDS = 21_600; // six hours, as the network's own hosts say
const REACHOUT_TIMELOCK = '23983697327930364'; // mex query ids are constants of the client
const MESSAGE_CAPPING = '24503548349331633';

/** The queries that a client makes about its own account, by namespace. */
export function makeAccountQueries(actions: AccountActions): Readonly<Record<string, IqHandler>> {
  const accept: IqHandler = () => result();
  return {
    'w:p': accept,
    passive: ({ device, question }) => answerPassive(device, question?.tag, actions),
    abt: () => result([node('props', { protocol: '1', hash: 'simulator', refresh: '86400' })]),
    privacy: (request) => answerPrivacy(request),
    blocklist: ({ type }) => (type === 'get' ? result([node('list', {})]) : result()),
    status: accept,
    disappearing_mode: accept,
    'w:stats': accept,
    'urn:xmpp:whatsapp:dirty': ({ device, question }) =>
      question?.tag === 'clean'
        ? result([], () => actions.cleaned(device, question.attrs['type'] ?? ''))
        : unknownQuery,
    'urn:xmpp:whatsapp:push': accept,
    'w:profile:picture': ({ type }) =>
      type === 'get' ? refusal(404, 'item-not-found') : result([node('picture', { id: '1' })]),
    'w:biz': () => result([node('business_profile', { v: '244' })]),
    bot: () => result([node('bot', { v: '2' })]),
    'w:m': () => answerMediaHost(actions),
    'w:mex': ({ device, question }) => answerMex(question?.attrs['query_id'], device, actions),
    md: ({ device, question }) =>
      question?.tag === 'remove-companion-device'
        ? result([], () => actions.unlink(device, question.attrs['jid']))
        : unknownQuery,
  };
}

/** A client is passive until it says otherwise: it gets answers, and nothing else. */
function answerPassive(device: CompanionDevice, mode: string | undefined, actions: AccountActions): IqAnswer {
  if (mode !== 'active') return result([], () => Object.assign(device, { active: false }));
  if (actions.refusesActive(device)) return refusal(500, 'internal-server-error');
  return result([], () => actions.activate(device));
}

function answerPrivacy({ type, question }: IqRequest): IqAnswer {
  if (type === 'set') {
    const isKnown = question?.tag === 'privacy' || question?.tag === 'tokens';
    return isKnown ? result() : unknownQuery;
  }
  const categories = Object.entries(PRIVACY).map(([name, value]) => node('category', { name, value }));
  return result([node('privacy', {}, categories)]);
}

function answerMediaHost(actions: AccountActions): IqAnswer {
  const host = actions.mediaHost();
  if (host === undefined) return refusal(503, 'service-unavailable');
  const ttl = String(MEDIA_TTL_SECONDS);
  const attrs = { auth: host.auth, ttl, auth_ttl: ttl, max_buckets: '12' };
  return result([node('media_conn', attrs, [node('host', { hostname: host.hostname, type: 'primary' })])]);
}

function answerMex(queryId: string | undefined, device: CompanionDevice, actions: AccountActions): IqAnswer {
  switch (queryId) {
    case REACHOUT_TIMELOCK:
      return mexResult({ xwa2_fetch_account_reachout_timelock: describeTimelock(actions.timelockEnd(device)) });
    case MESSAGE_CAPPING:
      return mexResult({ xwa2_message_capping_info: actions.quota(device) });
    default:
      return unknownQuery;
  }
}

function mexResult(data: Readonly<Record<string, unknown>>): IqAnswer {
  return result([node('result', {}, Buffer.from(JSON.stringify({ data })))]);
}
