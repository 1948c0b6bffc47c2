import type { Random } from '../core/random.ts';

const CLIENT_ID = /^[A-Za-z0-9._-]{1,64}$/;
const RUN_BYTES = 6;

/**
 * Makes the ids that stand in `X-Request-Id`, in problems and in the log. A client's own id is taken when it is short and plain;
 * anything else could forge lines of the log.
 */
export function requestIdSource(random: Random): (clientId: unknown) => string {
  const run = Buffer.from(random.bytes(RUN_BYTES)).toString('hex');
  let count = 0;
  return (clientId) => {
    if (typeof clientId === 'string' && CLIENT_ID.test(clientId)) return clientId;
    count += 1;
    return `req_${run}${count.toString(36)}`;
  };
}
