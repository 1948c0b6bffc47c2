import { RpcFailure } from '../mtproto/client.ts';
import { readPeer } from '../peers.ts';
import { numberAt, objectAt } from '../tl-fields.ts';
import { positionOf } from './difference-parts.ts';
import { Levelling } from './levelling.ts';
import { PositionStore } from './position-store.ts';
import type { Dialogs } from './remote.ts';
import { UpdateRemote } from './remote.ts';
import { Reread } from './reread.ts';
import type { UpdateSyncDeps } from './sync-deps.ts';
import { UpdateApplier } from './update-applier.ts';
import { UpdateLedger } from './update-ledger.ts';
import type { BoxName, ChannelPosition } from './update-state.ts';
import { UpdateState } from './update-state.ts';

const FLOOD = 420;

/** What one `UpdateSync` works with. */
export interface SyncParts {
  readonly state: UpdateState;
  readonly applier: UpdateApplier;
  readonly ledger: UpdateLedger;
  readonly levelling: Levelling;
}

/** From the place that the vault holds; undefined before the first connection. */
export function restoreParts(deps: UpdateSyncDeps, owe: (box: BoxName) => void): SyncParts | undefined {
  const store = new PositionStore(deps);
  const kept = store.read();
  return kept && build(deps, owe, { ...kept, store });
}

/** The first connection: begins here and now. What was said before belongs to the account's own phone. */
export async function firstPosition(deps: UpdateSyncDeps, owe: (box: BoxName) => void): Promise<SyncParts> {
  const { peers, vault } = deps;
  const remote = new UpdateRemote(deps);
  const position = positionOf(await remote.state());
  const { dialogs, users, chats } = await remote.dialogs(0).catch(noneWhileFlooded);
  const channels = new Map<BoxName, ChannelPosition>();
  let newest = 0;
  for (const dialog of dialogs) {
    const peer = readPeer(objectAt(dialog, 'peer'));
    const [pts, topId] = [numberAt(dialog, 'pts'), numberAt(dialog, 'topMessage') ?? 0];
    if (peer?.type !== 'channel') newest = Math.max(newest, topId);
    else if (pts !== undefined && peers.get(peer)?.isBroadcast !== true) channels.set(String(peer.id), { pts, topId });
  }
  const store = new PositionStore(deps);
  const state = new UpdateState({ ...position, topId: newest }, new Map());
  for (const [box, place] of channels) state.setChannel(box, place);
  vault.transaction(() => {
    peers.learn(users, chats);
    store.write(state, position.date);
    store.writeCommon(state.common, position.date);
  });
  state.commit();
  return build(deps, owe, { state, since: position.date, store });
}

/** Thousands of chats may be more than the network lists at once. What is not listed is found, and read from here on, when it speaks. */
function noneWhileFlooded(error: unknown): Dialogs {
  if (error instanceof RpcFailure && error.code === FLOOD) return { dialogs: [], messages: [], users: [], chats: [] };
  throw error;
}

function build(
  deps: UpdateSyncDeps,
  owe: (box: BoxName) => void,
  place: { readonly state: UpdateState; readonly since: number; readonly store: PositionStore },
): SyncParts {
  const { state } = place;
  const applier = new UpdateApplier({ ...deps, state, owe });
  const ledger = new UpdateLedger({ ...deps, ...place, applier });
  const shared = { ...deps, ...place, owe, applier, ledger, remote: new UpdateRemote(deps) };
  const levelling = new Levelling({ ...shared, reread: new Reread(shared) });
  return { state, applier, ledger, levelling };
}
