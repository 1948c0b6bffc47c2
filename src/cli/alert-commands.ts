import type { Command } from 'commander';
import type { CommandContext, GlobalOptions } from './context.ts';

/** `bellhop alerts` and `bellhop alerts test`. */
export function addAlertCommands(
  program: Command,
  remote: (command: Command) => Command,
  run: (work: (context: CommandContext) => Promise<void>, options: GlobalOptions) => Promise<void>,
): void {
  const group = program.command('alerts').description('show what is wrong; test who is told of it').exitOverride();
  const sub = (name: string, description: string, options?: { isDefault: boolean }): Command =>
    remote(
      group.command(name, options).description(description).option('-c, --config <file>', 'configuration file'),
    ).exitOverride();
  sub('list', 'list alerts that are open (also without `list`)', { isDefault: true })
    .option('--all', 'also those that are over')
    .action((options: GlobalOptions & { all?: boolean }) =>
      run(async (context) => {
        const { listAlerts } = await import('./alerts.ts');
        await listAlerts(context, { all: options.all === true });
      }, options),
    );
  sub('test', 'send a test on every way that is configured, and say how it went').action((options: GlobalOptions) =>
    run(async (context) => (await import('./alerts.ts')).testAlerts(context), options),
  );
}
