/** How the network meets clients before it knows who they are. */
export class Doors {
  /** New connections are let in, reset, or taken without ever being answered. */
  state: 'open' | 'refuse' | 'stall' = 'open';
  /** Every packet is answered with this transport error, and the connection ended. */
  errorCode: number | undefined;
}
