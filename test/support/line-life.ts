import type { CanaryAnswerer } from '../../src/connector-api/index.ts';
import { EngineFixture, type FixtureOptions, testManifest } from './engine-fixture.ts';
import type { FakeLine, FakePulse } from './fake-host.ts';

const PULSE_MS = 5_000;

/** One session whose line can be asked, on the engine, the real store and a clock that a test moves. */
export class LineLife {
  readonly fixture: EngineFixture;
  readonly line: FakeLine;

  private constructor(fixture: EngineFixture, line: FakeLine) {
    this.fixture = fixture;
    this.line = line;
  }

  static async begin(options: FixtureOptions & { readonly answeredBy?: CanaryAnswerer } = {}): Promise<LineLife> {
    const { answeredBy = 'network', ...rest } = options;
    const fixture = await EngineFixture.open({
      manifests: [{ ...testManifest(), canaryAnsweredBy: answeredBy }],
      ...rest,
    });
    const line = await fixture.addLinked();
    line.features = [...line.features, 'canary', 'probe', 'vitals'];
    await fixture.engine.start();
    await fixture.untilState('connected');
    return new LineLife(fixture, line);
  }

  /** Lets the session live for so long, with a pulse every 5 s; `each` says what the pulse tells, by its number. */
  async live(forMs: number, each: (index: number) => Partial<FakePulse> = () => ({})): Promise<void> {
    for (let index = 0; index * PULSE_MS < forMs; index += 1) {
      await this.fixture.clock.advance(PULSE_MS);
      this.line.pulse(each(index));
    }
  }

  /** The same until the condition holds; resolves with how long it took. Fails after `limitMs`. */
  async liveUntil(
    condition: () => boolean | Promise<boolean>,
    limitMs: number,
    each: (index: number) => Partial<FakePulse> = () => ({}),
  ): Promise<number> {
    const { clock } = this.fixture;
    const begunAt = clock.monotonic();
    for (let index = 0; clock.monotonic() - begunAt <= limitMs; index += 1) {
      for (let second = 0; second < PULSE_MS / 1_000; second += 1) {
        if (await condition()) return clock.monotonic() - begunAt;
        await clock.advance(1_000);
      }
      this.line.pulse(each(index));
    }
    throw new Error(`did not happen within ${limitMs} ms`);
  }

  /** The network takes canaries and never sends them back. */
  goDeaf(): void {
    this.line.onCanary = () => undefined;
  }

  hearAgain(): void {
    this.line.onCanary = (token) => this.line.returnCanary(token);
  }

  /** Connections that were made, the first included. */
  get connections(): number {
    return this.line.count('connect');
  }

  async sessionEvents(): Promise<string[]> {
    return (await this.fixture.eventTypes()).filter((type) => type.startsWith('session.'));
  }

  /** Codes of the timeline, oldest first. */
  async codes(): Promise<string[]> {
    const { data } = await this.fixture.store.listTimeline('front-desk', { limit: 200 });
    return data.toReversed().flatMap(({ reason }) => (reason === null ? [] : [reason.code]));
  }
}

/** A push every 10 s. */
export const busy = (index: number): Partial<FakePulse> => ({ pushes: index % 2 });
