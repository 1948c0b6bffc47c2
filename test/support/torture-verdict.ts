import type { EventEnvelope } from '../../src/engine/model/event.ts';
import type { Aftermath } from './torture.ts';

/**
 * What is wrong after a torture, a sentence each; empty when every promise was kept. Violations are compared apart: which of
 * them a kill explains is the test's to say.
 */
export function judge(aftermath: Aftermath): string[] {
  return [
    ...judgeAnswers(aftermath),
    ...judgeInbound(aftermath),
    ...judgeSeqs(aftermath.events),
    ...judgeHooks(aftermath),
    ...(aftermath.stillOwed > 0 ? [`${aftermath.stillOwed} stanzas were never acknowledged`] : []),
    ...(aftermath.orphans > 0 ? [`${aftermath.orphans} connector processes outlived their daemon`] : []),
  ];
}

function judgeAnswers({ accepted, screens, events, duplicatesShown }: Aftermath): string[] {
  const wrong: string[] = duplicatesShown === 0 ? [] : [`guests saw ${duplicatesShown} messages twice`];
  const ids = new Map<string, Set<string | null>>();
  for (const { type, data } of events) {
    if (!type.startsWith('message.') || data.message === undefined) continue;
    const known = ids.get(data.message.id) ?? new Set();
    ids.set(data.message.id, known.add(data.message.channelMessageId));
  }
  for (const answer of accepted) {
    const shown = (screens.get(answer.guest) ?? []).filter(
      (thing) => thing.type === 'message' && thing.content?.text === answer.text,
    );
    if (shown.length !== 1) wrong.push(`"${answer.text}" was seen ${shown.length} times`);
    if (shown.some((thing) => thing.id !== answer.channelMessageId))
      wrong.push(`"${answer.text}" came under another id`);
    const known = [...(ids.get(answer.id) ?? [])];
    if (known.length !== 1 || known[0] !== answer.channelMessageId)
      wrong.push(`"${answer.text}" changed its network id`);
    const queued = events.filter(
      (event) => event.type === 'message.queued' && event.data.message?.body === answer.text,
    );
    if (queued.length !== 1) wrong.push(`"${answer.text}" was accepted ${queued.length} times`);
  }
  for (const [guest, things] of screens) {
    const shown = things.flatMap(({ content, fromMe }) =>
      content?.text === undefined || fromMe === true ? [] : [content.text],
    );
    const wanted = accepted.filter((answer) => answer.guest === guest).map(({ text }) => text);
    if (new Set(shown).size === shown.length && shown.join() !== wanted.join())
      wrong.push(`${guest} saw another order`);
  }
  return wrong;
}

function judgeInbound({ said, events }: Aftermath): string[] {
  const wrong: string[] = [];
  const received = events.filter((event) => event.type === 'message.received');
  for (const words of said.values()) {
    const ids = new Map(words.map((word) => [word.id, word.text]));
    const stored = received.filter((event) => ids.has(event.data.message?.channelMessageId ?? ''));
    for (const { id, text } of words) {
      const same = stored.filter((event) => event.data.message?.channelMessageId === id);
      if (same.length !== 1) wrong.push(`"${text}" was stored ${same.length} times`);
      if (same.some((event) => event.data.message?.body !== text)) wrong.push(`"${text}" has another text`);
    }
  }
  return wrong;
}

function judgeSeqs(events: readonly EventEnvelope[]): string[] {
  const last = new Map<string, number>();
  const wrong: string[] = [];
  for (const { conversationId, seq } of events) {
    if (conversationId === null || seq === null) continue;
    const wanted = (last.get(conversationId) ?? 0) + 1;
    if (seq !== wanted) wrong.push(`a conversation has seq ${seq} where ${wanted} comes next`);
    last.set(conversationId, seq);
  }
  return wrong;
}

function judgeHooks({ events, hooks, forgedHooks }: Aftermath): string[] {
  const wrong = forgedHooks === 0 ? [] : [`${forgedHooks} deliveries were not signed well`];
  const bodies = new Map<string, string>();
  const seqs = new Map<string, number>();
  for (const { id, event } of hooks) {
    if (id !== event.id) wrong.push(`a delivery of ${event.id} is called ${id}`);
    const body = JSON.stringify(event);
    const before = bodies.get(event.id);
    bodies.set(event.id, body);
    if (before !== undefined && before !== body) wrong.push(`${event.id} changed between two deliveries`);
    if (before !== undefined || event.conversationId === null || event.seq === null) continue;
    const last = seqs.get(event.conversationId) ?? 0;
    if (event.seq < last) wrong.push(`${event.type} ${event.seq} was first delivered after ${last}`);
    seqs.set(event.conversationId, Math.max(last, event.seq));
  }
  const missing = events.filter((event) => !bodies.has(event.id));
  if (missing.length > 0) wrong.push(`${missing.length} events were never delivered, e.g. ${missing[0]?.type ?? ''}`);
  return wrong;
}

/** Guests' messages that stand in their conversation before an earlier one: the network's backlog and live news may mix. */
export function countOvertaken({ said, events }: Aftermath): number {
  let overtaken = 0;
  const received = events.filter((event) => event.type === 'message.received');
  for (const words of said.values()) {
    const places = new Map(words.map(({ id }, place) => [id, place]));
    const order = received.flatMap((event) => places.get(event.data.message?.channelMessageId ?? '') ?? []);
    overtaken += order.filter((place, index) => index > 0 && place < (order[index - 1] ?? 0)).length;
  }
  return overtaken;
}
