import { z } from 'zod';
import { explainSession, spanWords } from '../engine/explain-session.ts';
import type { Session, TimelineEntry } from '../engine/model/session.ts';
import { session as sessionSchema, timelineEntry } from '../engine/model/session.ts';
import { webhook as webhookSchema } from '../engine/model/webhook.ts';
import type { SilentWay } from './alert-ways.ts';
import { silentWays } from './alert-ways.ts';
import type { ApiClient } from './api-client.ts';
import { exitCodes } from './exit-codes.ts';
import type { Finding } from './finding.ts';
import { CommandError } from './terminal.ts';

/** What is looked back upon; ms. */
const LOOK_BACK_MS = 24 * 60 * 60 * 1_000;
/** Lines break; more often than this in a day says something about the place where Bellhop runs. */
const MANY_LOSSES = 6;
/** One page of the API. */
const PAGE = 200;

const sessions = z.object({ data: z.array(sessionSchema) });
const timeline = z.object({ data: z.array(timelineEntry) });
const webhooks = z.object({ data: z.array(webhookSchema) });

/** Asks the daemon that runs on these files; null when none answers. Changes nothing. */
export async function examineDaemon(client: ApiClient, now: number): Promise<readonly Finding[] | null> {
  try {
    const { data } = sessions.parse(await client.get(`/v1/sessions?limit=${PAGE}`));
    const findings: Finding[] = [];
    for (const session of data) {
      findings.push(checkSession(session, now));
      const entries = timeline.parse(await client.get(`/v1/sessions/${session.id}/timeline?limit=${PAGE}`)).data;
      findings.push(...checkPast(session, entries, now));
    }
    const hooks = webhooks.parse(await client.get(`/v1/webhooks?limit=${PAGE}`)).data;
    const silent = await silentWays(client, now);
    return [...findings, ...hooks.flatMap(checkWebhook), ...silent.map(tellSilentWay)];
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === exitCodes.unreachable) return null;
    throw error;
  }
}

function checkSession(session: Session, now: number): Finding {
  const check = `session ${session.id}`;
  const { what, doing, todo } = explainSession(session, now);
  const text = `${session.state}: ${[what, doing].filter((part) => part !== '').join(' ')}`;
  const [limit] = session.limits;
  if (session.state === 'connected' && session.reason === null) {
    if (limit === undefined)
      return { check, state: 'ok', text: `connected for ${spanWords(now - Date.parse(session.since))}` };
    return { check, state: 'warning', text: `connected. ${limit.text}`, remedy: limit.remedy };
  }
  if (todo === null) return { check, state: 'warning', text };
  // Nobody has been reached through it yet, so nothing is broken.
  const isNew = session.state === 'unlinked' || session.state === 'linking';
  return { check, state: isNew ? 'warning' : 'problem', text, remedy: todo };
}

/** A line that is up just now may have been lost all day. */
function checkPast(session: Session, entries: readonly TimelineEntry[], now: number): readonly Finding[] {
  const losses = entries.filter(
    ({ state, attempt, at }) => state === 'backing_off' && attempt === 1 && now - Date.parse(at) < LOOK_BACK_MS,
  );
  if (losses.length < MANY_LOSSES) return [];
  const commonest = mostCommon(losses.map(({ reason }) => reason?.text ?? 'The connection broke off.'));
  return [
    {
      check: `session ${session.id}`,
      state: 'warning',
      text: `lost its line ${losses.length} times in the last day, mostly so: ${commonest}`,
      remedy: `Look at the internet connection of this machine; \`bellhop sessions ${session.id}\` shows each time.`,
    },
  ];
}

function checkWebhook({
  id,
  url,
  disabled,
  disabledReason,
  pending,
}: z.infer<typeof webhookSchema>): readonly Finding[] {
  if (!disabled) return [];
  const { host } = new URL(url); // the rest of a URL may hold a secret
  return [
    {
      check: `webhook ${host}`,
      state: 'problem',
      text: `disabled: ${disabledReason ?? 'by hand'}; ${pending} deliveries wait`,
      remedy: `Mend the receiver, then PATCH /v1/webhooks/${id} {"disabled": false}; what waits is delivered.`,
    },
  ];
}

function tellSilentWay({ way, text }: SilentWay): Finding {
  return {
    check: `alerts by ${way}`,
    state: 'problem',
    text,
    remedy:
      'Correct `alerts` in the configuration, or the receiver, then: `bellhop alerts test`. It is tried again by itself.',
  };
}

function mostCommon(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const [first] = [...counts].toSorted(([, one], [, other]) => other - one);
  return first?.[0] ?? '';
}
