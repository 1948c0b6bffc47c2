import type { WASocket } from '@whiskeysockets/baileys';
import { LoginError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';

/** Longer than any answer takes; a code that the server never heard of must not be shown. */
const ANSWER_TIMEOUT_MS = 15_000;
const ACCEPTED = 'CB:iq,,link_code_companion_reg';
const REFUSED = 'CB:iq,,error';

/** The part of the library's socket that asks for a code. */
export type CodeSocket = Pick<WASocket, 'requestPairingCode'> & {
  readonly ws: {
    once(event: string, listener: () => void): unknown;
    off(event: string, listener: () => void): unknown;
  };
};

/**
 * Asks for a code for the number. Resolves once the server knows it too: the library itself resolves when its question is
 * written, and says nothing of the answer. Rejects with a LoginError.
 */
export async function requestCode(sock: CodeSocket, phone: string, clock: Clock): Promise<string> {
  const answer = new Promise<'accepted' | 'refused' | 'silence'>((resolve) => {
    const onAccepted = (): void => settle('accepted');
    const onRefused = (): void => settle('refused');
    const timer = clock.after(ANSWER_TIMEOUT_MS, () => settle('silence'));
    const settle = (outcome: 'accepted' | 'refused' | 'silence'): void => {
      timer.cancel();
      sock.ws.off(ACCEPTED, onAccepted);
      sock.ws.off(REFUSED, onRefused);
      resolve(outcome);
    };
    sock.ws.once(ACCEPTED, onAccepted);
    sock.ws.once(REFUSED, onRefused);
  });
  const code = await sock.requestPairingCode(phone.replace(/\D/g, '')).catch(() => undefined);
  if (code === undefined) throw new LoginError('network', 'the code could not be requested');
  const outcome = await answer;
  if (outcome === 'refused') throw new LoginError('rejected', 'WhatsApp gives no code for this number now');
  if (outcome === 'silence') throw new LoginError('network', 'WhatsApp did not answer');
  return code;
}
