import { describe, expect, it } from 'vitest';
import type { LoginStep } from '../../../src/connector-api/index.ts';
import { LoginError } from '../../../src/connector-api/index.ts';
import { admin, EngineFixture } from '../../support/engine-fixture.ts';
import type { FakeLine } from '../../support/fake-host.ts';
import { settle } from '../../support/virtual-clock.ts';

const qr = (data: string): LoginStep => ({ type: 'display', display: 'qr', data, expiresAt: 0 });
const password: LoginStep = { type: 'input', fields: [{ id: 'password', label: 'Password' }] };
const done: LoginStep = { type: 'complete', account: { address: '+15550000001', displayName: 'Front desk' } };

async function unlinked(): Promise<{ fixture: EngineFixture; line: FakeLine }> {
  const fixture = await EngineFixture.open();
  await fixture.engine.start();
  await fixture.engine.api.sessions.create(admin, { id: 'front-desk', channel: 'fake' });
  const line = fixture.host.line('front-desk');
  line.linked = false;
  return { fixture, line };
}

describe('linking', () => {
  it('shows the steps, keeps the newest, and connects when the account is linked', async () => {
    const { fixture, line } = await unlinked();
    const { sessions } = fixture.engine.api;
    line.steps.push(qr('one'));
    expect(await sessions.beginLink(admin, 'front-desk', {})).toEqual({ sessionId: 'front-desk', step: qr('one') });
    expect((await fixture.session()).state).toBe('linking');
    expect(line.calls.find((call) => call.operation === 'beginLogin')?.input).toEqual({ method: 'qr' });
    expect(sessions.currentLink(admin, 'front-desk').step).toEqual(qr('one'));
  });

  it('follows a QR code that rotates to the end', async () => {
    const { fixture, line } = await unlinked();
    const { sessions } = fixture.engine.api;
    line.steps.push(qr('one'), qr('two'), done);
    await sessions.beginLink(admin, 'front-desk', { method: 'qr' });
    await fixture.untilState('connected');
    expect(sessions.currentLink(admin, 'front-desk').step).toEqual(done);
    expect((await fixture.session()).account).toEqual({
      address: '+15550000001',
      displayName: 'Front desk',
      kind: null,
    });
    expect(await fixture.eventTypes()).toEqual(['session.linking', 'session.connected']);
    await fixture.clock.advance(11 * 60_000);
    expect(() => sessions.currentLink(admin, 'front-desk')).toThrow(
      expect.objectContaining({ code: 'no_link_in_progress' }) as Error,
    );
  });

  it('hands over what the person typed, and answers with the step after it', async () => {
    const { fixture, line } = await unlinked();
    const { sessions } = fixture.engine.api;
    let finish = (): void => undefined;
    line.steps.push(
      password,
      new Promise((resolve) => {
        finish = () => resolve(done);
      }),
    );
    await sessions.beginLink(admin, 'front-desk', {});
    await expect(sessions.answerLink(admin, 'front-desk', { code: '1' })).rejects.toMatchObject({
      code: 'invalid_request',
      pointer: 'password',
    });
    expect(line.count('answerLogin')).toBe(0);
    const answered = sessions.answerLink(admin, 'front-desk', { password: 'open sesame', code: 'not asked for' });
    await settle();
    expect(line.calls.find((call) => call.operation === 'answerLogin')?.input).toEqual({ password: 'open sesame' });
    line.linked = true;
    finish();
    expect((await answered).step).toEqual(done);
    await fixture.untilState('connected');
  });

  it('lets the person try again after a wrong answer', async () => {
    const { fixture, line } = await unlinked();
    const { sessions } = fixture.engine.api;
    line.steps.push(password);
    line.answers.push(new LoginError('rejected', 'The password is not right.'));
    await sessions.beginLink(admin, 'front-desk', {});
    await expect(sessions.answerLink(admin, 'front-desk', { password: 'wrong' })).rejects.toMatchObject({
      code: 'link_rejected',
      detail: 'The password is not right.',
    });
    expect(sessions.currentLink(admin, 'front-desk').step).toEqual(password);
    expect((await fixture.session()).state).toBe('linking');
  });

  it('refuses an answer to which nobody asked', async () => {
    const { fixture, line } = await unlinked();
    const { sessions } = fixture.engine.api;
    await expect(sessions.answerLink(admin, 'front-desk', { code: '1' })).rejects.toMatchObject({
      code: 'no_link_in_progress',
    });
    line.steps.push(qr('one'));
    await sessions.beginLink(admin, 'front-desk', {});
    await expect(sessions.answerLink(admin, 'front-desk', { code: '1' })).rejects.toMatchObject({
      code: 'link_input_unexpected',
    });
  });

  it('renews a code that nobody scanned', async () => {
    const { fixture, line } = await unlinked();
    const { sessions } = fixture.engine.api;
    line.steps.push(qr('one'), new LoginError('expired'), qr('two'));
    await sessions.beginLink(admin, 'front-desk', {});
    await fixture.until(() => line.count('beginLogin') === 2, 10_000);
    await fixture.clock.advance(100);
    expect(sessions.currentLink(admin, 'front-desk').step).toEqual(qr('two'));
    expect((await fixture.session()).state).toBe('linking');
  });

  it('ends when nobody scans for five minutes', async () => {
    const { fixture, line } = await unlinked();
    const { sessions } = fixture.engine.api;
    let expire = (): void => undefined;
    line.steps.push(
      qr('one'),
      new Promise((_resolve, reject) => {
        expire = () => reject(new LoginError('expired'));
      }),
    );
    await sessions.beginLink(admin, 'front-desk', {});
    await fixture.clock.advance(5 * 60_000);
    expire();
    await fixture.untilState('unlinked');
    expect(line.count('beginLogin')).toBe(1);
    expect((await fixture.session()).reason).toMatchObject({ code: 'link_expired', action: 'link' });
    expect(() => sessions.currentLink(admin, 'front-desk')).toThrow();
  });

  it('ends when the process dies meanwhile', async () => {
    const { fixture, line } = await unlinked();
    line.steps.push(qr('one'));
    await fixture.engine.api.sessions.beginLink(admin, 'front-desk', {});
    line.crash();
    await fixture.untilState('unlinked');
    expect((await fixture.session()).reason?.code).toBe('link_session_down');
  });

  it('says when the network refuses, and is unlinked afterwards', async () => {
    const { fixture, line } = await unlinked();
    line.steps.push(qr('one'), new LoginError('rejected'));
    await fixture.engine.api.sessions.beginLink(admin, 'front-desk', {});
    await fixture.untilState('unlinked');
    expect((await fixture.session()).reason?.code).toBe('link_rejected');
  });

  it.each([
    [new LoginError('rejected'), 'link_rejected'],
    [new LoginError('unsupported'), 'link_method_unsupported'],
    [new LoginError('network'), 'link_failed'],
  ])('tells the caller when not even the first step comes: %s', async (error, code) => {
    const { fixture, line } = await unlinked();
    line.steps.push(error);
    await expect(fixture.engine.api.sessions.beginLink(admin, 'front-desk', {})).rejects.toMatchObject({ code });
    expect((await fixture.session()).state).toBe('unlinked');
  });

  it('refuses a method that the channel lacks, and a phone number that is none', async () => {
    const { fixture } = await unlinked();
    const { sessions } = fixture.engine.api;
    await expect(sessions.beginLink(admin, 'front-desk', { method: 'smoke' })).rejects.toMatchObject({
      code: 'link_method_unsupported',
    });
    await expect(sessions.beginLink(admin, 'front-desk', { method: 'code', phone: '0171' })).rejects.toMatchObject({
      code: 'invalid_address',
      pointer: 'phone',
    });
  });

  it('does not disturb a session that is linked', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await expect(fixture.engine.api.sessions.beginLink(admin, 'front-desk', {})).rejects.toMatchObject({
      code: 'session_not_linkable',
    });
    expect(line.isOnline).toBe(true);
  });

  it('links a logged-out session anew: old credentials are erased first', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.drop({ kind: 'logged_out', code: 'fake_401' });
    await fixture.untilState('logged_out');
    line.steps.push(qr('again'), done);
    await fixture.engine.api.sessions.beginLink(admin, 'front-desk', {});
    expect(line.count('logout')).toBe(1);
    await fixture.untilState('connected');
  });

  it('a second begin takes the place of the first', async () => {
    const { fixture, line } = await unlinked();
    const { sessions } = fixture.engine.api;
    line.steps.push(qr('one'));
    await sessions.beginLink(admin, 'front-desk', {});
    line.steps.push(qr('two'));
    const second = await sessions.beginLink(admin, 'front-desk', {});
    expect(second.step).toEqual(qr('two'));
    expect(line.count('cancelLogin')).toBe(1);
    expect((await fixture.session()).state).toBe('linking');
  });

  it('goes on after a crash at the end of linking: the vault knows', async () => {
    const fixture = await EngineFixture.open();
    await fixture.addLinked('front-desk', 'linking');
    await fixture.engine.start();
    await fixture.untilState('connected');
    const empty = await EngineFixture.open();
    (await empty.addLinked('front-desk', 'linking')).linked = false;
    await empty.engine.start();
    await empty.untilState('unlinked');
  });

  it('stop ends linking', async () => {
    const { fixture, line } = await unlinked();
    line.steps.push(qr('one'));
    await fixture.engine.api.sessions.beginLink(admin, 'front-desk', {});
    expect((await fixture.engine.api.sessions.stop(admin, 'front-desk')).state).toBe('unlinked');
    expect(line.count('cancelLogin')).toBe(1);
  });
});
