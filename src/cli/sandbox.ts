import { resolve } from 'node:path';
import { Sandbox } from '../../connectors/whatsapp/simulator/sandbox.ts';
import { systemClock } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import type { CommandContext } from './context.ts';
import type { SandboxMessage, SandboxReady } from './sandbox-messages.ts';
import { renderStory } from './story-lines.ts';

export interface SandboxRequest {
  readonly port: number;
  readonly controlPort: number;
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
  const sandbox = await Sandbox.open({
    clock: systemClock,
    random: systemRandom,
    stateDir: resolve(context.workingDir, request.stateDir),
    port: request.port,
    controlPort: request.controlPort,
    silent: request.silent,
    tell: (line) => tell({ type: 'line', line }),
  });
  const ended = untilEnded();
  const address = await sandbox.start();
  tell({
    type: 'ready',
    address: { ...address, trustedRoots: [address.trustedRoots[0]] },
    linked: sandbox.isLinked,
    hotel: sandbox.town.phone.name,
    guests: [...sandbox.town.guests.values()].map((guest) => ({
      name: guest.name,
      number: `+${guest.pn.split('@')[0] ?? ''}`,
    })),
  });
  await ended;
  await sandbox.stop();
}

function untilEnded(): Promise<void> {
  return new Promise((done) => {
    const isChild = process.send !== undefined;
    // A terminal's Ctrl-C reaches the daemon's children too; the network has to outlive the daemon's farewells to it.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (isChild ? undefined : done()));
    process.once('disconnect', done);
  });
}

function introduce({ terminal }: CommandContext, { address, hotel, linked }: SandboxReady): void {
  terminal.out(
    `A simulated WhatsApp network runs on this machine; "${hotel}" is its hotel. To use it, put this into config.yaml:\n`,
  );
  terminal.out(
    `channels:\n  whatsapp:\n    endpoint: ${address.endpoint}\n    trustedRoots: ["${address.trustedRoots[0]}"]\n    caFile: ${address.caFile}\n`,
  );
  terminal.out(`Control: ${address.controlUrl} (see docs/guides/sandbox.md)`);
  if (!linked) {
    terminal.out(
      `The guests begin to write when a device is linked. Begin with \`bellhop link whatsapp --json\`, and let the phone scan what it shows:`,
    );
    terminal.out(`  curl -s ${address.controlUrl}/phone/scan -H 'content-type: application/json' -d '{"qr":"…"}'`);
  }
}
