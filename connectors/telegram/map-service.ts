import type { ConnectorEvent, InboundMessage } from '../../src/connector-api/index.ts';
import { nativeKindOf } from './map-content.ts';
import type { TlObject } from './tl.ts';
import { objectAt, textAt, toRawJson } from './tl-fields.ts';

/** Housekeeping of chats, which nobody says to anybody. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(
  (
    'Empty ChatCreate ChannelCreate ChatAddUser ChatDeleteUser ChatJoinedByLink ChatJoinedByRequest ChatEditPhoto ' +
    'ChatDeletePhoto ChatMigrateTo ChannelMigrateFrom PinMessage HistoryClear ContactSignUp SetChatTheme SetChatWallPaper ' +
    'SetMessagesTTL TopicCreate TopicEdit BoostApply CustomAction GroupCall GroupCallScheduled InviteToGroupCall ' +
    'ScreenshotTaken BotAllowed'
  )
    .split(' ')
    .map((name) => `messageAction${name}`),
);

/** Maps the action of a `messageService`; empty where there is nothing to tell. */
export function mapService(message: TlObject, frame: Omit<InboundMessage, 'content'>): readonly ConnectorEvent[] {
  const action = objectAt(message, 'action');
  if (action === undefined || HOUSEKEEPING.has(action._)) return [];
  const title = textAt(action, 'title');
  if (action._ === 'messageActionChatEditTitle' && title !== undefined) {
    return [{ type: 'chat_updated', chat: { ...frame.chat, title } }];
  }
  // Calls, payments, gifts: a person did something that staff would see on the phone.
  const content = { type: 'unsupported', nativeKind: nativeKindOf(action, 'messageAction') } as const;
  return [{ type: 'message', message: { ...frame, content, raw: toRawJson(message) } }];
}
