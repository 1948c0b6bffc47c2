/** How the network meets new connections: lets them in, turns them away, or takes them and says nothing. */
export class Doors {
  state: 'open' | 'refuse' | 'stall' = 'open';
}
