import type { Fault, Label } from './fault.ts';
import { forHours, named, retries, stops, survives } from './fault.ts';
import type { ProcessStage } from './stage-process.ts';

type ProcessFault = Fault<ProcessStage>;

const SIGNALS = 'signal(7): the process is gone, the network and the account are well';
const NODE = "Node's documentation of process and errors";

/** Our own fault, told as one: the account is well, another process does. */
const own: Label = {
  ...retries('network', 'unknown', 'restart_required'),
  kinds: ['network', 'unknown', 'restart_required', null],
};
const unharmed: Label = { ...survives('network', 'unknown', 'restart_required'), kinds: own.kinds };
/** What only the operator of this machine can mend. */
const operator: Label = { ...stops(['unknown'], 'start'), kinds: ['unknown', null] };

const killed = (signal: NodeJS.Signals): ProcessFault => ({
  id: `process-${signal.toLowerCase()}`,
  phase: 'connected',
  label: own,
  source: SIGNALS,
  inject: (stage) => stage.kill(signal),
});

const told = (id: string, words: string, label: Label, source: string): ProcessFault => ({
  id: `process-${id}`,
  phase: 'connected',
  label,
  source,
  inject: (stage) => stage.tell(words),
});

const passing: readonly ProcessFault[] = [
  killed('SIGKILL'),
  killed('SIGSEGV'),
  killed('SIGABRT'),
  {
    ...killed('SIGTERM'),
    label: unharmed,
    source: 'a terminal signals the whole group; when a session ends is the word of the daemon',
  },
  {
    id: 'process-sigstop',
    phase: 'connected',
    isSilent: true,
    label: own,
    source: `${SIGNALS}: here it hangs`,
    inject: (stage) => stage.kill('SIGSTOP'),
  },
  told('exit-1', 'exit 1', own, `${NODE}: a library ends its process`),
  told('exit-0', 'exit 0', own, `${NODE}: a library ends its process, as if all were well`),
  told('uncaught-exception', 'explode', own, `${NODE}: uncaughtException`),
  told('abort', 'abort', own, `${NODE}: process.abort`),
  told(
    'rejection-unseen',
    'reject-unseen',
    unharmed,
    `${NODE}: unhandledRejection; libraries leave some behind when a socket dies`,
  ),
  {
    id: 'process-out-of-memory',
    phase: 'connected',
    label: own,
    source: "V8's limit of the heap: the process aborts",
    inject: async (stage) => {
      await stage.tell('hoard');
    },
  },
  {
    id: 'process-crash-loop',
    phase: 'connected',
    label: own,
    source: `${SIGNALS}, again and again: with growing waits, and it comes back when it is over`,
    inject: (stage) => stage.killAlways(),
  },
  {
    id: 'process-vault-key-wrong',
    phase: 'connecting',
    label: operator,
    source: 'AES-256-GCM: with another key nothing can be read, now or later',
    inject: (stage) => {
      stage.sessionsKey = new Uint8Array(32).fill(1);
    },
  },
  {
    id: 'process-vault-corrupt',
    phase: 'connecting',
    label: { ...operator, person: ['start', 'relink'] },
    source: 'sqlite.org/howtocorrupt: a file that is no database any more',
    inject: (stage) => stage.spoilVault(),
  },
  {
    id: 'process-library-missing',
    phase: 'connecting',
    label: { ...operator, person: ['start', 'upgrade'] },
    source: 'npm: the package is not installed',
    inject: (stage) => {
      stage.channel = 'absent';
    },
  },
  {
    id: 'process-connector-throws',
    phase: 'connecting',
    label: {
      kinds: ['unknown', 'network', null],
      responses: ['retries alone', 'stops'],
      person: ['none', 'wait', 'start', 'upgrade'],
      after: 'not looked at',
    },
    source: 'a defect of ours: nothing is known of the account',
    inject: (stage) => {
      stage.config = { broken: true };
    },
  },
  {
    id: 'process-connect-hangs',
    phase: 'connecting',
    isSilent: true,
    label: { ...own, after: 'not looked at' },
    source: 'a library that neither connects nor fails',
    inject: (stage) => {
      stage.config = { connect: 'hang' };
    },
  },
  {
    id: 'process-store-full',
    phase: 'connected',
    label: unharmed,
    source: 'sqlite.org/rescode SQLITE_FULL in the daemon: what comes in waits, the line is well',
    inject: async (stage) => {
      stage.refusesToStore = true;
      await stage.tell('emit-and-go 3');
    },
  },
];

/** Each costs the start of a process. */
const MANY_DEATHS = 15;

export const processFaults: readonly ProcessFault[] = [
  ...passing,
  ...named(passing, 'process-crash-loop').map((fault) => forHours(fault, MANY_DEATHS)),
];
