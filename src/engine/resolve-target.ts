import type { ConnectorManifest } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import type { MessageRequest } from './engine-api.ts';
import type { NewOutbound, PropertyFilter, Route, RouteQuery } from './ports/index.ts';

export type Manifests = ReadonlyMap<string, ConnectorManifest>;

/** Who a message is for, before the store was asked. */
export type Target =
  | { readonly type: 'conversation'; readonly conversationId: string }
  | { readonly type: 'guest'; readonly guestId: string; readonly channel: string | undefined }
  | {
      readonly type: 'address';
      readonly channel: string;
      readonly kind: 'direct' | 'group';
      readonly address: string;
    };

/** Reads the one target of a request. Throws `invalid_request`, `unknown_channel` or `invalid_address`. Pure. */
export function readTarget(request: MessageRequest, manifests: Manifests): Target {
  const { channel, to, conversationId, guestId } = request;
  const named = [to, conversationId, guestId].filter((value) => value !== undefined).length;
  if (named !== 1)
    throw new BellhopError('invalid_request', {
      pointer: named === 0 ? 'to' : 'conversationId',
      detail: 'Give exactly one of `channel` with `to`, `conversationId` and `guestId`.',
    });
  if (channel !== undefined) findManifest(manifests, channel);
  if (conversationId !== undefined) return { type: 'conversation', conversationId };
  if (guestId !== undefined) return { type: 'guest', guestId, channel };
  if (channel === undefined)
    throw new BellhopError('invalid_request', { pointer: 'channel', detail: '`to` needs a `channel`.' });
  return { type: 'address', channel, ...readAddress(findManifest(manifests, channel), to ?? '', 'to') };
}

export function findManifest(manifests: Manifests, channel: string): ConnectorManifest {
  const manifest = manifests.get(channel);
  if (manifest === undefined)
    throw new BellhopError('unknown_channel', {
      pointer: 'channel',
      detail: `Known channels: ${[...manifests.keys()].join(', ')}.`,
    });
  return manifest;
}

/** The canonical form of what a caller wrote. Throws `invalid_address`, saying what was expected. */
export function readAddress(
  manifest: ConnectorManifest,
  text: string,
  pointer: string,
): { readonly kind: 'direct' | 'group'; readonly address: string } {
  const reading = manifest.parseAddress(text);
  if (!reading.ok) throw new BellhopError('invalid_address', { pointer, detail: reading.expected });
  return { kind: reading.kind, address: reading.address };
}

export function routeQueryOf(target: Target, property: PropertyFilter): RouteQuery {
  switch (target.type) {
    case 'conversation':
      return { property, conversationId: target.conversationId };
    case 'guest':
      return {
        property,
        guestId: target.guestId,
        ...(target.channel === undefined ? {} : { channel: target.channel }),
      };
    case 'address':
      return { property, channel: target.channel, address: target.address };
  }
}

/** Where the message goes, once the store has told what it knows. */
export interface Destination {
  readonly channel: string;
  readonly kind: 'direct' | 'group';
  readonly to: NewOutbound['to'];
}

/** Throws `not_found` for an unknown conversation or guest, `invalid_request` when the channel stays open. Pure. */
export function resolveDestination(target: Target, route: Route): Destination {
  switch (target.type) {
    case 'conversation': {
      if (route.conversation === null) throw new BellhopError('not_found', { pointer: 'conversationId' });
      const { channel, kind, id } = route.conversation;
      return { channel, kind, to: { conversationId: id } };
    }
    case 'guest':
      return destinationOfGuest(target, route);
    case 'address':
      return {
        channel: target.channel,
        kind: target.kind,
        to: { kind: target.kind, address: target.address },
      };
  }
}

function destinationOfGuest(target: Extract<Target, { type: 'guest' }>, route: Route): Destination {
  const { guest } = route;
  if (guest === null) throw new BellhopError('not_found', { pointer: 'guestId' });
  const reachable = guest.identities.filter(
    (identity) => target.channel === undefined || identity.channel === target.channel,
  );
  const channels = new Set(reachable.map((identity) => identity.channel));
  const identity = reachable.find((entry) => entry.canonical) ?? reachable[0];
  if (identity === undefined)
    throw new BellhopError('recipient_unknown', { pointer: 'guestId', detail: 'The guest has no address there.' });
  if (channels.size > 1)
    throw new BellhopError('invalid_request', {
      pointer: 'channel',
      detail: `The guest is reached on several channels; name one of: ${[...channels].join(', ')}.`,
    });
  return {
    channel: identity.channel,
    kind: 'direct',
    to: { kind: 'direct', address: identity.address, guestId: guest.id },
  };
}
