import type { AlertNotice, AlertSink, SinkAnswer } from '../../../../src/engine/ports/index.ts';

/** A way of telling that a test opens and closes. */
export class FakeSink implements AlertSink {
  readonly way: string;
  readonly kind: 'email' | 'webhook';
  readonly name: string;
  /** Every attempt. */
  readonly attempts: AlertNotice[] = [];
  /** What arrived, as `kind title`. */
  readonly arrived: string[] = [];
  isDown = false;
  /** An attempt waits for this before it is answered. */
  gate: Promise<void> = Promise.resolve();

  constructor(way = 'email') {
    this.way = way;
    this.kind = way === 'email' ? 'email' : 'webhook';
    this.name = `the ${way}`;
  }

  async send(notice: AlertNotice): Promise<SinkAnswer> {
    this.attempts.push(notice);
    await this.gate;
    if (this.isDown) return { delivered: false, reason: 'connection refused' };
    this.arrived.push(`${notice.kind} ${notice.alert.title}`);
    return { delivered: true };
  }

  async close(): Promise<void> {
    this.isDown = true;
  }
}
