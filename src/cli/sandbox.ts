import { resolve } from 'node:path';
import { TelegramSandbox } from '../../connectors/telegram/simulator/sandbox.ts';
import { Sandbox } from '../../connectors/whatsapp/simulator/sandbox.ts';
import { systemClock } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import type { CommandContext } from './context.ts';
import type { SandboxLine, SandboxMessage, SandboxReady } from './sandbox-messages.ts';
import { renderStory } from './story-lines.ts';

export interface SandboxRequest {
  readonly port: number;
  readonly controlPort: number;
  /** Of the Telegram network's control interface. */
  readonly telegramControlPort: number;
  readonly stateDir: string;
  readonly silent: boolean;
}

/** `bellhop sandbox`: runs until it is interrupted, or until the daemon that started it is gone. */
export async function runSandbox(context: CommandContext, request: SandboxRequest): Promise<void> {
  const tell = (message: SandboxMessage): void => {
    if (context.options.json === true) context.terminal.out(JSON.stringify(message));
    else if (message.type === 'line') context.terminal.out(renderStory(message.line));
    else introduce(context, message);
  };
  const common = {
    clock: systemClock,
    random: systemRandom,
    stateDir: resolve(context.workingDir, request.stateDir),
    silent: request.silent,
    tell: (line: SandboxLine): void => tell({ type: 'line', line }),
  };
  const sandbox = await Sandbox.open({ ...common, port: request.port, controlPort: request.controlPort });
  const telegram = await TelegramSandbox.open({ ...common, controlPort: request.telegramControlPort });
  const ended = untilEnded();
  const address = await sandbox.start();
  const second = await startTelegram(context, telegram);
  tell({
    type: 'ready',
    address: { ...address, trustedRoots: [address.trustedRoots[0]] },
    linked: sandbox.isLinked,
    hotel: sandbox.town.phone.name,
    guests: [...sandbox.town.guests.values()].map((guest) => ({
      name: guest.name,
      number: `+${guest.pn.split('@')[0] ?? ''}`,
    })),
    telegram: second,
  });
  await ended;
  if (second !== null) await telegram.stop();
  await sandbox.stop();
}

/** Without the libraries of the Telegram connector there is nobody to speak with its network: WhatsApp's goes on alone. */
async function startTelegram(context: CommandContext, telegram: TelegramSandbox): Promise<SandboxReady['telegram']> {
  if (!TelegramSandbox.isPossible()) {
    context.terminal.note('No Telegram network: its libraries are not installed (`npm install telegram`).');
    return null;
  }
  const { controlUrl, serverKeys, ...channel } = await telegram.start();
  return { channel: { ...channel, serverKeys: [serverKeys[0]] }, controlUrl, linked: telegram.isLinked };
}

function untilEnded(): Promise<void> {
  return new Promise((done) => {
    const isChild = process.send !== undefined;
    // A terminal's Ctrl-C reaches the daemon's children too; the network has to outlive the daemon's farewells to it.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (isChild ? undefined : done()));
    process.once('disconnect', done);
  });
}

function introduce({ terminal }: CommandContext, { address, hotel, linked, telegram }: SandboxReady): void {
  terminal.out(
    `Simulated networks run on this machine; "${hotel}" is their hotel. To use them, put this into config.yaml:\n`,
  );
  terminal.out(
    `channels:\n  whatsapp:\n    endpoint: ${address.endpoint}\n    trustedRoots: ["${address.trustedRoots[0]}"]\n    caFile: ${address.caFile}`,
  );
  if (telegram !== null) {
    const { apiId, apiHash, endpoint, serverKeys } = telegram.channel;
    const key = serverKeys[0].trim().replaceAll('\n', '\n        ');
    terminal.out(
      `  telegram:\n    apiId: ${apiId}\n    apiHash: "${apiHash}"\n    endpoint: { host: ${endpoint.host}, port: ${endpoint.port}, dcId: ${endpoint.dcId} }\n    serverKeys:\n      - |\n        ${key}`,
    );
  }
  terminal.out(`\nControl: ${address.controlUrl} for WhatsApp (see docs/guides/sandbox.md)`);
  if (telegram !== null) terminal.out(`         ${telegram.controlUrl} for Telegram`);
  const unlinked = [
    ...(linked ? [] : [{ channel: 'whatsapp', controlUrl: address.controlUrl }]),
    ...(telegram === null || telegram.linked ? [] : [{ channel: 'telegram', controlUrl: telegram.controlUrl }]),
  ];
  if (unlinked.length === 0) return;
  terminal.out(
    '\nThe guests of a network begin to write when a device is linked. Begin with the command, and let the phone scan what it shows:',
  );
  for (const { channel, controlUrl } of unlinked) {
    terminal.out(`  bellhop link ${channel} --json`);
    terminal.out(`  curl -s ${controlUrl}/phone/scan -H 'content-type: application/json' -d '{"qr":"…"}'`);
  }
}
