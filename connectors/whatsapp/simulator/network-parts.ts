import type { Clock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import type { EnforceInput } from '../../box/ban-model/enforce-input.ts';
import { ClientDesk } from './client-desk.ts';
import { ClientDuties } from './client-duties.ts';
import { DeviceNews } from './device-news.ts';
import type { CompanionDevice, Device } from './directory.ts';
import { Directory, lidJidOf } from './directory.ts';
import { Enforcement } from './enforcement.ts';
import { Faults } from './faults.ts';
import { GroupActions } from './group-actions.ts';
import { Groups } from './groups.ts';
import type { AccountActions } from './iq/account.ts';
import { makeAccountQueries } from './iq/account.ts';
import type { IqHandler } from './iq/answer.ts';
import { AppStateQueries } from './iq/app-state.ts';
import { EncryptQueries } from './iq/encrypt.ts';
import { GroupQueries } from './iq/group-queries.ts';
import { UserSyncQueries } from './iq/user-sync.ts';
import { IqDesk } from './iq-desk.ts';
import { KeyDesk } from './keys.ts';
import { Ledger } from './ledger.ts';
import { Lines } from './lines.ts';
import { LoginDesk } from './login.ts';
import { MessageRouter } from './messages.ts';
import { PairingDesk } from './pairing.ts';
import { PostOffice } from './post-office.ts';
import { PresenceRouter } from './presence.ts';
import type { Quota } from './quotas.ts';
import { describeQuota } from './quotas.ts';
import { ReceiptRouter } from './receipts.ts';
import { ServerQuestions } from './server-questions.ts';
import { describeTimelock } from './timelocks.ts';
import { Traffic } from './traffic.ts';
import { ViolationLog } from './violations.ts';
import { node, SERVER_JID } from './wire/stanza.ts';

/** What only the whole network can do for its parts. */
interface PartsActions {
  unlink(deviceJid: string): void;
  mediaHost: AccountActions['mediaHost'];
}

export type NetworkParts = ReturnType<typeof assembleParts>;

/** Builds the parts of a network and makes them known to each other; nothing runs yet. */
export function assembleParts(deps: { clock: Clock; random: Random; actions: PartsActions }) {
  const { clock, random, actions } = deps;
  const directory = new Directory();
  const lines = new Lines({ directory });
  const violations = new ViolationLog({ clock });
  const traffic = new Traffic({ clock });
  const ledger = new Ledger();
  // Faults and post need each other: what was silenced is caught up by the post, what is posted may be spoilt.
  const faultActions = {
    unlink: (deviceJid: string) => actions.unlink(deviceJid),
    catchUp: (deviceJid: string): void => post.catchUp(deviceJid),
    announceTimelock: (deviceJid: string, end: number | undefined): void =>
      announce(post, directory.findDevice(deviceJid), random, {
        operation: 'NotificationUserReachoutTimelockUpdate',
        data: { xwa2_notify_account_reachout_timelock: describeTimelock(end) },
      }),
    announceQuota: (deviceJid: string, quota: Quota | undefined): void =>
      announce(post, directory.findDevice(deviceJid), random, {
        operation: 'MessageCappingInfoNotification',
        data: { xwa2_notify_new_chat_messages_capping_info_update: describeQuota(quota, clock.now()) },
      }),
    countedQuota: (deviceJid: string): Quota | undefined => enforcement.quotaOf(deviceJid),
    enforce: (input: EnforceInput | null): void => enforcement.enforce(input),
  };
  const faults = new Faults({ clock, lines, actions: faultActions });
  const post = new PostOffice({ clock, directory, violations, traffic, faults });
  const duties = new ClientDuties({ clock, directory });
  const questions = new ServerQuestions({ clock, random, directory, post, duties });
  const keys = new KeyDesk({ post, duties });
  const news = new DeviceNews({ random, post });
  const groups = new Groups({ clock, random, directory });
  const groupActions = new GroupActions({ clock, random, directory, groups, post });
  const messages = new MessageRouter({ directory, groups, post, ledger, faults, duties, violations });
  const receipts = new ReceiptRouter({ directory, post, ledger, faults, duties, violations });
  const presence = new PresenceRouter({ directory, groups, post, violations });
  const pairing = new PairingDesk({ clock, random, directory, news, violations, traffic });
  const login = new LoginDesk({ clock, directory, pairing, faults, violations, traffic });
  const enforcement = new Enforcement({ clock, directory, faults, ledger, traffic });
  const appState = new AppStateQueries({ duties });
  const handlers: Readonly<Record<string, IqHandler>> = {
    ...makeAccountQueries({
      activate: (device) => activate(device, { post, questions, traffic, violations }),
      cleaned: (device, type) => questions.cleaned(device, type),
      refusesActive: (device) => faults.takeActiveRefusal(lidJidOf(device)),
      unlink: (device, jid) => actions.unlink(jid ?? lidJidOf(device)),
      mediaHost: () => actions.mediaHost(),
      timelockEnd: (device) => faults.newChats.timelockEnd(lidJidOf(device)),
      quota: (device) => describeQuota(faults.newChats.quotaOf(lidJidOf(device)), clock.now()),
    }),
    encrypt: answerWith(new EncryptQueries({ directory, keys, duties, violations })),
    usync: answerWith(new UserSyncQueries({ directory, news })),
    'w:g2': answerWith(new GroupQueries({ directory, groups, actions: groupActions })),
    'w:sync:app:state': answerWith(appState),
  };
  const iqs = new IqDesk({ handlers, violations, traffic, questions });
  const clients = new ClientDesk({
    clock,
    lines,
    faults,
    violations,
    traffic,
    login,
    pairing,
    iqs,
    enforcement,
    messages,
    receipts,
    presence,
    post,
    duties,
    questions,
  });
  return {
    directory,
    lines,
    violations,
    traffic,
    ledger,
    faults,
    enforcement,
    post,
    duties,
    questions,
    keys,
    news,
    groups,
    groupActions,
    messages,
    receipts,
    presence,
    pairing,
    appState,
    clients,
  };
}

/** The client wants its stanzas: first what waits, then the phone hears that it is there. */
function activate(
  device: CompanionDevice,
  {
    post,
    questions,
    traffic,
    violations,
  }: { post: PostOffice; questions: ServerQuestions; traffic: Traffic; violations: ViolationLog },
): void {
  const deviceJid = lidJidOf(device);
  post.drain(device);
  questions.begin(device);
  traffic.note({ kind: 'online', account: deviceJid });
  device.account.phone?.onCompanionOnline(deviceJid).catch((error: unknown) => {
    violations.record('resident_failed', deviceJid, `onCompanionOnline: ${String(error)}`);
  });
}

/** A notice of the server about the account, in the form in which answers come too. */
interface MexNotice {
  readonly operation: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Tells a client what it may begin, as the server does when that changes. */
function announce(post: PostOffice, device: Device | undefined, random: Random, { operation, data }: MexNotice): void {
  if (device === undefined) return;
  const update = node('update', { op_name: operation }, Buffer.from(JSON.stringify({ data })));
  const id = Buffer.from(random.bytes(8)).toString('hex').toUpperCase();
  post.deliver(device, node('notification', { from: SERVER_JID, type: 'mex', id }, [update]));
}

function answerWith(queries: { answer: IqHandler }): IqHandler {
  return (request) => queries.answer(request);
}
