import { fileURLToPath } from 'node:url';
import type { NetworkServices } from './network-child.ts';
import { RemoteProcess } from './remote.ts';

/** The simulated network with its crowd, in a process of its own. */
export function startNetworkProcess(): RemoteProcess<NetworkServices> {
  return new RemoteProcess<NetworkServices>(fileURLToPath(new URL('./network-child.ts', import.meta.url)));
}
