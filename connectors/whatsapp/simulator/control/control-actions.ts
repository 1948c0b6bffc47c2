import type { JsonValue } from '../../../../src/core/json.ts';

/** What the control interface can make people do. Implemented for a town in `town-control.ts`. */
export interface ControlActions {
  /** Who there is and what they have seen. */
  state(): JsonValue;
  /** Everything that a guest has seen, oldest first. Throws ControlError when there is no such guest. */
  seen(guest: string): JsonValue;
  /** A guest does something, e.g. `say`; resolves when the network has taken it. Throws ControlError on bad input. */
  act(guest: string, verb: string, input: unknown): Promise<JsonValue>;
  /** Staff do something on the hotel's phone itself, e.g. `say`. Throws ControlError on bad input. */
  actOnPhone(verb: string, input: unknown): Promise<JsonValue>;
  /** The hotel's phone scans the text of a QR code. */
  scan(qr: string): Promise<void>;
  /** Somebody types a companion's code into the hotel's phone. */
  enterCode(code: string): Promise<void>;
}
