import { describe, expect, it } from 'vitest';
import { toDisconnectCause } from '../disconnect.ts';

describe('the cause of a closed connection', () => {
  it.each([
    [401, 'logged_out', 'whatsapp_401_logged_out'],
    [402, 'restricted', 'whatsapp_402_temporary_ban'],
    [403, 'banned', 'whatsapp_403_locked'],
    [405, 'client_outdated', 'whatsapp_405_client_outdated'],
    [406, 'banned', 'whatsapp_406_banned'],
    [408, 'network', 'whatsapp_408_connection_lost'],
    [409, 'client_outdated', 'whatsapp_409_bad_user_agent'],
    [411, 'logged_out', 'whatsapp_411_not_multi_device'],
    [428, 'network', 'whatsapp_428_connection_closed'],
    [440, 'replaced', 'whatsapp_440_replaced'],
    [500, 'network', 'whatsapp_500_stream_error'],
    [503, 'network', 'whatsapp_503_unavailable'],
    [515, 'restart_required', 'whatsapp_515_restart_required'],
  ])('reads %i as %s', (statusCode, kind, code) => {
    expect(toDisconnectCause({ type: 'closed', statusCode })).toMatchObject({
      kind,
      code,
      nativeCode: String(statusCode),
    });
  });

  it('takes the length of a temporary ban from the network', () => {
    const data = { reason: '402', code: '104', expire: '3600' };
    expect(toDisconnectCause({ type: 'closed', statusCode: 402, data })).toMatchObject({
      retryAfterMs: 3_600_000,
      native: { code: '104' },
    });
    const cause = toDisconnectCause({ type: 'closed', statusCode: 402, data: { expire: 'soon' } });
    expect(cause.retryAfterMs).toBeUndefined();
  });

  it('keeps what the stream error said about a removed device', () => {
    const data = { tag: 'conflict', attrs: { type: 'device_removed' } };
    expect(toDisconnectCause({ type: 'closed', statusCode: 401, data })).toMatchObject({
      kind: 'logged_out',
      native: { tag: 'conflict', type: 'device_removed' },
    });
  });

  it('names the system error behind a broken line', () => {
    const data = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(toDisconnectCause({ type: 'closed', statusCode: 408, data })).toMatchObject({
      kind: 'network',
      code: 'whatsapp_network_error',
      nativeCode: 'ECONNREFUSED',
    });
  });

  it('keeps an unknown code raw instead of guessing', () => {
    expect(toDisconnectCause({ type: 'closed', statusCode: 477, data: { reason: '477', hint: 'x' } })).toEqual({
      kind: 'unknown',
      code: 'whatsapp_unknown',
      nativeCode: '477',
      native: { reason: '477', hint: 'x' },
    });
    expect(toDisconnectCause({ type: 'closed' })).toMatchObject({ kind: 'unknown' });
  });

  it('lets no address into the record', () => {
    const data = { reason: '999', jid: '4915112345678@s.whatsapp.net', text: 'a longer text' };
    expect(toDisconnectCause({ type: 'closed', statusCode: 999, data }).native).toEqual({ reason: '999' });
  });
});

describe('the cause of a connection that never opened', () => {
  it('names a refused upgrade, a silent server, an untrusted one and a full disk', () => {
    expect(toDisconnectCause({ type: 'upgrade_refused', status: 503 })).toMatchObject({
      kind: 'network',
      code: 'whatsapp_upgrade_refused',
      nativeCode: '503',
    });
    expect(toDisconnectCause({ type: 'connect_timeout' })).toMatchObject({ kind: 'network' });
    expect(toDisconnectCause({ type: 'untrusted_server' })).toMatchObject({ kind: 'protocol_changed' });
    expect(toDisconnectCause({ type: 'store_failed' })).toMatchObject({ code: 'whatsapp_store_failed' });
  });
});
