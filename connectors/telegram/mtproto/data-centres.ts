import { z } from 'zod';
import type { TlValue } from '../tl.ts';

/** Where a data centre listens. */
export interface DataCentre {
  readonly host: string;
  readonly port: number;
}

const option = z.object({
  _: z.literal('dcOption'),
  id: z.int(),
  ipAddress: z.string(),
  port: z.int(),
  ipv6: z.boolean().optional(),
  mediaOnly: z.boolean().optional(),
  cdn: z.boolean().optional(),
  tcpoOnly: z.boolean().optional(),
});
const config = z.object({ dcOptions: z.array(option) });

/** The data centres that the answer to `help.getConfig` lists, by id: the first address of each that every line can use. */
export function readDataCentres(answer: TlValue): ReadonlyMap<number, DataCentre> {
  const found = new Map<number, DataCentre>();
  for (const { id, ipAddress, port, ...is } of config.parse(answer).dcOptions) {
    const isUsable = is.ipv6 !== true && is.mediaOnly !== true && is.cdn !== true && is.tcpoOnly !== true;
    if (isUsable && !found.has(id)) found.set(id, { host: ipAddress, port });
  }
  return found;
}
