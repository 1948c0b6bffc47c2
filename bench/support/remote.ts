import { type ChildProcess, fork } from 'node:child_process';

/** What a helper process of a benchmark can be asked; each function answers with plain data. */
export type Services = Readonly<Record<string, (input: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

type Input<F> = F extends (input: infer I) => unknown ? I : never;
type Output<F> = F extends (input: never) => infer O ? Awaited<O> : never;

/** A helper in a process of its own, so that it shares no event loop with what is measured. */
export class RemoteProcess<S extends Services> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #count = 0;

  constructor(module: string, execArgv: readonly string[] = []) {
    this.#child = fork(module, [], {
      execArgv: ['--import', 'tsx', ...execArgv],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'], // the Signal library prints whole sessions
    });
    this.#child.on('message', (message) => this.#settle(message as Reply));
    this.#child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('a helper process has ended'));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  call<N extends keyof S & string>(name: N, input: Input<S[N]>): Promise<Output<S[N]>> {
    this.#count += 1;
    const question: Question = { id: this.#count, name, input };
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, { resolve: (value) => resolve(value as Output<S[N]>), reject });
      this.#child.send(question);
    });
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.error === undefined) waiting?.resolve(reply.value);
    else waiting?.reject(new Error(reply.error));
  }
}

/** The helper's end: answers what the benchmark asks until it hangs up. */
export function serve(services: Services): void {
  process.on('message', (message) => void answer(services, message as Question));
  process.once('disconnect', () => process.exit());
}

async function answer(services: Services, { id, name, input }: Question): Promise<void> {
  let reply: Reply;
  try {
    const service = services[name];
    if (service === undefined) throw new Error(`no service is called ${name}`);
    reply = { id, value: await service(input as never) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(reply);
}
