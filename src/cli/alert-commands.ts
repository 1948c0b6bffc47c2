import { Argument, type Command } from 'commander';
import type { CommandContext, GlobalOptions } from './context.ts';

/** `bellhop alerts` and `bellhop alerts test`. */
export function addAlertCommand(
  command: Command,
  run: (work: (context: CommandContext) => Promise<void>, options: GlobalOptions) => Promise<void>,
): void {
  command
    .addArgument(
      new Argument('[test]', 'send a test on every way that is configured, and say how it went').choices(['test']),
    )
    .option('--all', 'also alerts that are over')
    .addHelpText('after', '\nExample:\n  $ bellhop alerts test')
    .action((test: string | undefined, options: GlobalOptions & { all?: boolean }) =>
      run(async (context) => {
        const { listAlerts, testAlerts } = await import('./alerts.ts');
        await (test === undefined ? listAlerts(context, { all: options.all === true }) : testAlerts(context));
      }, options),
    );
}
