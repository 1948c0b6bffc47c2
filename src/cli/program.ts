import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { lanes } from '../engine/pacing/types.ts';
import { addAlertCommand } from './alert-commands.ts';
import { type CommandContext, createContext, type GlobalOptions } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { addPacingCommands } from './pacing-commands.ts';
import type { SendOptions } from './send.ts';
import { processTerminal, reportFailure } from './terminal.ts';

const EXIT_CODES_HELP = `
Exit codes: ${exitCodes.ok} done · ${exitCodes.failed} failed · ${exitCodes.usage} wrong use · ${exitCodes.unreachable} no daemon answers · ${exitCodes.refused} refused by the daemon · ${exitCodes.config} configuration not valid`;

type Work = (context: CommandContext) => Promise<void>;

/** The whole command line. Each command loads its own code, so that `--help` stays quick. */
export function createProgram(
  version: string,
  run: (work: Work, options: GlobalOptions) => Promise<void> = execute,
): Command {
  const program = new Command('bellhop')
    .description('A bridge between the messengers that hotel guests use and the systems that a hotel runs.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .showHelpAfterError('Run with --help to see how it is used.')
    .addHelpText('after', EXIT_CODES_HELP)
    .exitOverride();

  const command = (name: string, description: string): Command => {
    const made = program
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'configuration file (default: config.yaml in this folder)');
    return made.exitOverride();
  };
  const remote = (made: Command): Command =>
    made
      .option('--url <url>', 'address of the daemon (default: the one that runs on the files of this folder)')
      .option('--key <key>', 'API key; better by BELLHOP_API_KEY')
      .option('--json', 'answer in JSON');

  command('start', 'run the daemon; without a config.yaml also a sandbox to try it out')
    .option('--no-sandbox', 'never start the sandbox')
    .addHelpText('after', '\nExample:\n  $ bellhop start --config /etc/bellhop/config.yaml')
    .action((options: GlobalOptions & { sandbox: boolean }) =>
      run(async (context) => (await import('./start.ts')).startDaemon(context, { sandbox: options.sandbox }), options),
    );

  remote(command('link', 'link an account: shows a QR code, or a code to type, and waits until it is done'))
    .argument('<channel>', 'e.g. whatsapp')
    .option('-s, --session <id>', "id of the session (default: the channel's name)")
    .option('-m, --method <method>', 'how, as the channel knows it: qr, code, bot, … (default: its usual one)')
    .option('--phone <number>', 'E.164 number of the account, for --method code')
    .addHelpText('after', '\nExample:\n  $ bellhop link whatsapp --session front-desk')
    .action((channel: string, options: GlobalOptions & { session?: string; method?: string; phone?: string }) =>
      run(async (context) => {
        const { linkSession } = await import('./link.ts');
        await linkSession(context, {
          channel,
          session: options.session ?? channel,
          method: options.method,
          phone: options.phone,
        });
      }, options),
    );

  remote(command('send', 'send one message'))
    .argument('<channel>', 'e.g. whatsapp')
    .argument('<to>', 'address of the guest, e.g. +4915112345678')
    .argument('<text>', 'what to say')
    .option('-s, --session <id>', 'session that is to send it')
    .option('--reservation <number>', 'booking of a guest who never wrote (with --consent)')
    .option('--consent <text>', 'how the guest agreed to be written to')
    .addOption(
      new Option('--purpose <purpose>', 'default: reply to who wrote lately, else service').choices([...lanes]),
    )
    .option('--send-at <time>', 'not before, e.g. 2026-03-04T15:00:00Z')
    .option('--expires-at <time>', 'not after: it is told at once when that cannot be kept')
    .addHelpText('after', '\nExample:\n  $ bellhop send whatsapp +4915112345678 "Your room is ready."')
    .action((channel: string, to: string, text: string, options: GlobalOptions & SendOptions) =>
      run(async (context) => {
        const { sendMessage } = await import('./send.ts');
        await sendMessage(context, { channel, to, text, ...options });
      }, options),
    );

  addSessionCommand(command, remote, run);

  remote(command('versions', 'show which client versions networks accept; pin one, or forget what was learnt'))
    .argument('[channel]', 'e.g. whatsapp')
    .option('--pin <version>', 'prefer this one from the next reconnect on')
    .option('--unpin <version>', 'leave it to Bellhop again')
    .option('--forget <version>', 'forget when it worked and failed')
    .addHelpText('after', '\nExample:\n  $ bellhop versions whatsapp --pin 2.3000.1043857760')
    .action((channel: string | undefined, options: GlobalOptions & { pin?: string; unpin?: string; forget?: string }) =>
      run(async (context) => {
        const { manageVersions } = await import('./versions.ts');
        const { pin, unpin, forget } = options;
        await manageVersions(context, { channel, pin, unpin, forget });
      }, options),
    );

  addAlertCommand(remote(command('alerts', 'show what is wrong; test who is told of it')), run);
  remote(command('processes', 'show the processes that run sessions, their memory and their lag')).action(
    (options: GlobalOptions) =>
      run(async (context) => (await import('./processes.ts')).listProcesses(context), options),
  );

  remote(command('renew', 'replace the processes of all sessions, one at a time, without an outage')).action(
    (options: GlobalOptions) =>
      run(async (context) => (await import('./processes.ts')).renewProcesses(context), options),
  );

  addKeyCommands(program, remote, run);
  addPacingCommands(program, run);

  command('doctor', 'look for what is wrong with this set-up, and say how to mend it')
    .option('--json', 'answer in JSON')
    .action((options: GlobalOptions) =>
      run(async (context) => (await import('./doctor.ts')).examine(context), options),
    );

  command('health', 'say whether the daemon lives; for containers and monitors, by the exit code')
    .option('--url <url>', 'address of the daemon (default: the one that runs on the files of this folder)')
    .action((options: GlobalOptions) =>
      run(async (context) => (await import('./health.ts')).askHealth(context), options),
    );

  command(
    'sandbox',
    'run private networks in a box (WhatsApp, Telegram), with guests that write and answer: simulators',
  )
    .option('--port <port>', 'port of the WhatsApp network; 0 lets the system choose', readPort, 0)
    .option('--control-port <port>', 'port of its control interface', readPort, 0)
    .option('--telegram-control-port <port>', "port of the Telegram network's control interface", readPort, 0)
    .option('--state <folder>', 'where the networks keep their people', './data/sandbox')
    .option('--silent-guests', 'nobody writes by himself')
    .option('--json', 'say where everything is in one JSON line')
    .addHelpText('after', '\nIt prints what to put under channels of a config.yaml to use it.')
    .action((options: SandboxOptions) =>
      run(async (context) => {
        const { runSandbox } = await import('./sandbox.ts');
        await runSandbox(context, {
          port: options.port,
          controlPort: options.controlPort,
          telegramControlPort: options.telegramControlPort,
          stateDir: options.state,
          silent: options.silentGuests === true,
        });
      }, options),
    );
  return program;
}

interface SandboxOptions extends GlobalOptions {
  readonly port: number;
  readonly controlPort: number;
  readonly telegramControlPort: number;
  readonly state: string;
  readonly silentGuests?: boolean;
}

function addSessionCommand(
  command: (name: string, description: string) => Command,
  remote: (command: Command) => Command,
  run: (work: Work, options: GlobalOptions) => Promise<void>,
): void {
  remote(command('sessions', 'show how every session is, or what happened to one, and what to do about it'))
    .argument('[session]', 'one session, with its timeline')
    .option('-w, --watch', 'keep showing all of them until q is pressed; into a pipe: a line for each change')
    .option('--pacing', 'what each account may still send, and why what waits does')
    .addHelpText('after', '\nExamples:\n  $ bellhop sessions --watch\n  $ bellhop sessions front-desk')
    .action((id: string | undefined, options: GlobalOptions & { watch?: boolean; pacing?: boolean }) =>
      run(async (context) => {
        const sessions = await import('./sessions.ts');
        if (options.pacing === true) return sessions.showPacing(context, id);
        if (options.watch === true) return sessions.keepShowing(context);
        return id === undefined ? sessions.listSessions(context) : sessions.showSession(context, id);
      }, options),
    );
}

function addKeyCommands(
  program: Command,
  remote: (command: Command) => Command,
  run: (work: Work, options: GlobalOptions) => Promise<void>,
): void {
  const keys = program.command('keys').description('make, list and revoke API keys').exitOverride();
  const sub = (name: string, description: string): Command =>
    remote(
      keys.command(name).description(description).option('-c, --config <file>', 'configuration file'),
    ).exitOverride();
  sub('create', 'make a key and show it once')
    .argument('<name>', 'what it is for, e.g. pms')
    .requiredOption('--scope <scope...>', 'what it may do, e.g. messages:send messages:read')
    .option('--property <id>', 'bind it to one property')
    .action((name: string, options: GlobalOptions & { scope: string[]; property?: string }) =>
      run(
        async (context) =>
          (await import('./keys.ts')).createKey(context, { name, scopes: options.scope, property: options.property }),
        options,
      ),
    );
  sub('list', 'list keys').action((options: GlobalOptions) =>
    run(async (context) => (await import('./keys.ts')).listKeys(context), options),
  );
  sub('revoke', 'revoke a key')
    .argument('<id>', 'id of the key, key_…')
    .action((id: string, options: GlobalOptions) =>
      run(async (context) => (await import('./keys.ts')).revokeKey(context, id), options),
    );
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('expected a port, 0 to 65535');
  return port;
}

async function execute(work: Work, options: GlobalOptions): Promise<void> {
  try {
    await work(createContext(options));
  } catch (error) {
    process.exitCode = reportFailure(processTerminal, error, options.json === true);
  }
}

/** Parses the arguments and runs the command; resolves when it is done, with the exit code set. */
export async function runProgram(version: string, argv: readonly string[]): Promise<void> {
  try {
    await createProgram(version).parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
}
