import { describe, expect, it } from 'vitest';
import type { LoginProcess, LoginStep } from '../../../src/connector-api/index.ts';
import { LoginError } from '../../../src/connector-api/index.ts';
import { RuntimeLogin } from '../../../src/host/runtime-login.ts';
import { settle } from '../../support/virtual-clock.ts';

const never = new AbortController().signal;
const qr = (data: string): LoginStep => ({ type: 'display', display: 'qr', data, expiresAt: 1 });

/** A login whose steps the test hands out. */
class ScriptedLogin implements LoginProcess {
  asked = 0;
  answers: string[] = [];
  fails = false;
  #give: (step: LoginStep) => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;

  next(): Promise<LoginStep> {
    this.asked += 1;
    return new Promise((resolve, reject) => {
      this.#give = resolve;
      this.#fail = reject;
    });
  }

  give(step: LoginStep): void {
    this.#give(step);
  }

  async answer(input: Readonly<Record<string, string>>): Promise<void> {
    if (this.fails) throw new LoginError('rejected');
    this.answers.push(input['code'] ?? '');
  }

  async cancel(): Promise<void> {
    this.#fail(new LoginError('cancelled'));
  }
}

describe('one linking under way', () => {
  it('hands a step that came after its caller had given up to the next caller, and asks once', async () => {
    const script = new ScriptedLogin();
    const login = new RuntimeLogin(script);
    const patience = new AbortController();
    const first = login.next(patience.signal);
    await settle();
    patience.abort();
    await expect(first).rejects.toMatchObject({ code: 'session_down' });
    script.give(qr('one'));
    expect(await login.next(never)).toMatchObject({ data: 'one' });
    expect(script.asked).toBe(1);
    const second = login.next(never);
    await settle();
    script.give(qr('two'));
    expect(await second).toMatchObject({ data: 'two' });
  });

  it('asks the connector for no further step before the person has answered', async () => {
    const script = new ScriptedLogin();
    const login = new RuntimeLogin(script);
    const first = login.next(never);
    await settle();
    script.give({ type: 'input', fields: [{ id: 'code', label: 'Code' }] });
    await first;
    const second = login.next(never);
    await settle();
    expect(script.asked).toBe(1);
    await login.answer({ code: '1' });
    await settle();
    expect(script.asked).toBe(2);
    script.give({ type: 'complete', account: { address: '+15551230000' } });
    expect(await second).toMatchObject({ type: 'complete' });
    expect(script.answers).toEqual(['1']);
  });

  it('goes on after a refused answer and takes another', async () => {
    const script = new ScriptedLogin();
    const login = new RuntimeLogin(script);
    const first = login.next(never);
    await settle();
    script.give({ type: 'input', fields: [{ id: 'code', label: 'Code' }] });
    await first;
    script.fails = true;
    await expect(login.answer({ code: '1' })).rejects.toMatchObject({ code: 'rejected' });
    script.fails = false;
    await login.answer({ code: '2' });
    expect(script.answers).toEqual(['2']);
  });

  it('lets nobody wait for an answer that will not come once it is cancelled', async () => {
    const script = new ScriptedLogin();
    const login = new RuntimeLogin(script);
    const first = login.next(never);
    await settle();
    script.give({ type: 'input', fields: [{ id: 'code', label: 'Code' }] });
    await first;
    const second = login.next(never);
    await login.cancel();
    await settle();
    await script.cancel();
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
  });
});
