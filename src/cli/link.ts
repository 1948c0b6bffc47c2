import { z } from 'zod';
import { waitInForeground } from '../core/clock.ts';
import type { ApiClient } from './api-client.ts';
import type { Desk } from './ask.ts';
import { type CommandContext, connectToDaemon } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { askFields, type LinkStep, linkStep, showStep } from './link-steps.ts';
import { CommandError } from './terminal.ts';

const POLL_MS = 1_000; // a QR code lives about 20 s, so a second is soon enough

const sessionView = z.looseObject({
  state: z.string(),
  account: z.unknown(),
  reason: z.looseObject({ text: z.string(), remedy: z.string() }).nullish(),
});

export interface LinkRequest {
  readonly channel: string;
  readonly session: string;
  readonly method?: string | undefined;
  readonly phone?: string | undefined;
}

/**
 * `bellhop link <channel>`: makes the session if need be, shows what is asked, ends when the account is linked. Whoever ends it before
 * leaves nothing behind.
 */
export async function linkSession(
  context: CommandContext,
  request: LinkRequest,
  desk: Desk = { input: process.stdin, output: process.stderr },
): Promise<void> {
  const daemon = connectToDaemon(context);
  const path = `/v1/sessions/${encodeURIComponent(request.session)}`;
  if ((await daemon.find(path)) === null)
    await daemon.post('/v1/sessions', { id: request.session, channel: request.channel });
  const interrupted = untilInterrupted(); // before anything is shown that somebody could answer with Ctrl-C
  interrupted.catch(() => undefined);
  const first = linkStep.parse(await daemon.post(`${path}/link`, { method: request.method, phone: request.phone }));
  try {
    const done = await Promise.race([follow({ context, daemon, path, desk }, first), interrupted]);
    const name = done.account?.displayName ?? done.account?.address ?? 'ready';
    const told = context.options.json === true ? JSON.stringify(done) : `Linked: ${request.session} is ${name}.`;
    context.terminal.out(told);
  } catch (error) {
    // Who is no longer there to type or to scan would leave a code behind that anybody can use. What a script goes on with stays.
    const isForOthers = error instanceof CommandError && error.exitCode === exitCodes.usage;
    if (!isForOthers) await takeBack(daemon, path);
    throw error;
  }
}

interface Wizard {
  readonly context: CommandContext;
  readonly daemon: ApiClient;
  /** Of the session. */
  readonly path: string;
  readonly desk: Desk;
}

/** Shows and asks until the account is linked. */
async function follow(wizard: Wizard, first: LinkStep): Promise<LinkStep> {
  const { context, daemon, path } = wizard;
  let step = first;
  let shown = '';
  while (step.step !== 'done') {
    const isNew = JSON.stringify(step) !== shown;
    shown = JSON.stringify(step);
    if (isNew) await showStep(context, step);
    if (isNew && step.fields !== undefined && !isLeftToScripts(context)) {
      step = await handIn(wizard, step);
      continue;
    }
    await waitInForeground(POLL_MS);
    step = await currentStep(daemon, path);
  }
  return step;
}

/** With `--json` and nobody at the keyboard the steps are told, and somebody else answers them over the API. */
function isLeftToScripts({ options, terminal }: CommandContext): boolean {
  return options.json === true && !terminal.interactive;
}

/** Asks again for what was mistyped, as long as the network takes another try. */
async function handIn({ context, daemon, path, desk }: Wizard, step: LinkStep): Promise<LinkStep> {
  for (;;) {
    const answers = await askFields(context, step, desk);
    try {
      return linkStep.parse(await daemon.post(`${path}/link/answer`, answers));
    } catch (error) {
      if (!(error instanceof CommandError) || error.refusal?.code !== 'link_rejected') throw error;
      const now = await daemon.find(`${path}/link`).catch(() => null);
      if (linkStep.safeParse(now).data?.step !== step.step) throw error;
      context.terminal.note(error.refusal.detail === '' ? error.message : error.refusal.detail);
    }
  }
}

async function currentStep(daemon: ApiClient, path: string): Promise<LinkStep> {
  const found = await daemon.find(`${path}/link`).catch(async (error: unknown) => {
    // The link has just ended: the session itself tells how.
    const session = sessionView.parse(await daemon.get(path));
    if (session.state === 'connected' || session.state === 'degraded' || session.state === 'connecting')
      return { step: 'done', account: session.account };
    if (session.reason?.text === undefined) throw error;
    throw new CommandError(exitCodes.failed, session.reason.text, session.reason.remedy);
  });
  return linkStep.parse(found);
}

function untilInterrupted(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () =>
        reject(new CommandError(exitCodes.failed, 'Linking was cancelled; nothing is linked.')),
      );
  });
}

/** Never rejects: it is the last thing that is done, and the daemon may be why. */
async function takeBack(daemon: ApiClient, path: string): Promise<void> {
  try {
    if (sessionView.parse(await daemon.get(path)).state === 'linking') await daemon.post(`${path}/stop`);
  } catch {
    // It ends by itself after some minutes.
  }
}
