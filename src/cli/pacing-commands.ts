import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CommandContext, GlobalOptions } from './context.ts';

const MOST_DAYS = 60;
const MOST_A_DAY = 1_000;
const MOST_WEEKS = 1_000;
const LARGEST_SEED = 2 ** 32 - 1;

interface PacingOptions extends GlobalOptions {
  readonly days: number;
  readonly rate: number;
  readonly seed: number;
  readonly weeks: number;
  readonly timeZone?: string;
  readonly svg?: string;
}

/** Adds `pacing simulate`. */
export function addPacingCommands(
  program: Command,
  run: (work: (context: CommandContext) => Promise<void>, options: GlobalOptions) => Promise<void>,
): void {
  program
    .command('pacing')
    .description('show what the rules of pacing make of a hotel')
    .exitOverride()
    .command('simulate')
    .description('simulate some days at a hotel: who is written to when; sends nothing')
    .option('-c, --config <file>', 'configuration file (default: config.yaml in this folder)')
    .option('--days <days>', 'how many days', numberUpTo(MOST_DAYS, 1), 7)
    .option('--rate <messages>', 'messages a day that the hotel hands over', numberUpTo(MOST_A_DAY), 90)
    .option('--seed <number>', 'the same seed gives the same days', numberUpTo(LARGEST_SEED), 1)
    .option('--weeks <weeks>', 'age of the number: a young one may write to few new guests', numberUpTo(MOST_WEEKS), 52)
    .option('--time-zone <name>', "the property's, e.g. Europe/Lisbon (default: this machine's)")
    .option('--svg <file>', 'also draw it')
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExample:\n  $ bellhop pacing simulate --days 7 --rate 150 --svg week.svg')
    .exitOverride()
    .action((options: PacingOptions) =>
      run(async (context) => {
        const { simulatePacing } = await import('./pacing.ts');
        const { days, rate, seed, weeks, timeZone, svg } = options;
        simulatePacing(context, { days, rate, seed, weeks, timeZone, svg });
      }, options),
    );
}

function numberUpTo(most: number, least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`expected a whole number, ${least} to ${most}`);
    return value;
  };
}
