import type {
  Connector,
  ConnectorManifest,
  OutboundMessage,
  SendResult,
  SessionVitals,
} from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import type { LoadableConnector } from '../../src/host/index.ts';
import type { ProcessGauge } from '../../src/host/process-gauge.ts';
import { SystemGauge } from '../../src/host/process-gauge.ts';
import { fakeConnector, fakeManifest, findFakeConnector } from './fake-connector.ts';

/** What a hostile session tells of its line. */
export const hostileVitals: SessionVitals = { silentForMs: 40, oldestPendingMs: 3, pushes: 7 };

/** What its process is to tell of itself in place of the truth. */
const claimed: { loopLagMs?: number; cpuShare?: number; rssBytes?: number } = {};
const truth = new SystemGauge();
export const hostileGauge: ProcessGauge = { read: () => ({ ...truth.read(), ...claimed }) };

export const hostileManifest: ConnectorManifest = { ...fakeManifest, channel: 'hostile' };

/**
 * The fake connector with vital signs, and with everything that a network's library can do to the process in which it runs: driven by
 * the texts that a session is told to send.
 */
const hostileConnector: Connector<unknown> = {
  manifest: hostileManifest,
  createSession: (context) => {
    const session = fakeConnector.createSession(context);
    const tame = session.send.bind(session);
    let vitals: () => SessionVitals = () => hostileVitals;
    return Object.assign(session, {
      vitals: () => vitals(),
      send: async (message: OutboundMessage, options: { signal: AbortSignal }): Promise<SendResult> => {
        const [command = '', argument = ''] =
          message.content.type === 'text' ? message.content.body.split(' ') : ([] as string[]);
        switch (command) {
          case 'break-vitals':
            vitals = () => {
              throw new RangeError('no pulse');
            };
            break;
          case 'pid':
            return { networkId: String(process.pid), acceptedAt: 0 };
          case 'exit':
            process.exit(Number(argument));
            break;
          case 'abort':
            process.abort();
            break;
          case 'block':
            block(Number(argument));
            break;
          case 'slow':
            await unlessStopped(Number(argument), options.signal);
            break;
          case 'claim-lag':
            claimed.loopLagMs = Number(argument);
            claimed.cpuShare = 1; // blocked by its own work
            break;
          case 'claim-memory':
            claimed.rssBytes = Number(argument);
            break;
          case 'hoard':
            hoard();
        }
        return tame(message, options);
      },
    });
  },
};

/** What a registry would say: the fake channel, the hostile one, and one whose library is not installed. */
export function findTestConnector(channel: string): LoadableConnector | undefined {
  if (channel !== 'hostile') return findFakeConnector(channel);
  return { manifest: hostileConnector.manifest, load: async () => ({ connector: hostileConnector }) };
}

/** A network that takes its time; what is stopped meanwhile has not left. */
function unlessStopped(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, durationMs);
    const stop = (): void => {
      clearTimeout(timer);
      reject(new SendError('session_down', { certainty: 'not_sent', retryable: true }));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Holds the loop for so long; ms. */
function block(durationMs: number): void {
  const until = performance.now() + durationMs;
  while (performance.now() < until);
}

/** Fills the heap until V8 gives up. */
function hoard(): void {
  const held: unknown[] = [];
  for (;;) held.push(Array.from({ length: 100_000 }, (_, index) => ({ index })));
}
