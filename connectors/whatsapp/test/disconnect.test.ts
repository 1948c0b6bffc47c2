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

  it.each([
    ['ENOTFOUND', 'whatsapp_network_error'],
    ['EAI_AGAIN', 'whatsapp_network_error'],
    ['EPROTO', 'whatsapp_tls_failed'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'whatsapp_tls_failed'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'whatsapp_tls_failed'],
    ['CERT_HAS_EXPIRED', 'whatsapp_tls_failed'],
    ['WS_ERR_INVALID_OPCODE', 'whatsapp_websocket_failed'],
  ])('reads %s as %s, whatever number the library makes of it', (code, expected) => {
    const data = Object.assign(new Error('not shown'), { code });
    for (const statusCode of [408, 500])
      expect(toDisconnectCause({ type: 'closed', statusCode, data, isUnreached: true })).toMatchObject({
        kind: 'network',
        code: expected,
        nativeCode: code,
        anyVersion: true,
      });
  });

  it('blames the client version only for what may have to do with it', () => {
    const about = (end: Parameters<typeof toDisconnectCause>[0]): boolean => toDisconnectCause(end).anyVersion !== true;
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(about({ type: 'closed', statusCode: 408, data: reset })).toBe(true);
    expect(about({ type: 'closed', statusCode: 408, data: reset, isUnreached: true })).toBe(false);
    expect(about({ type: 'closed', statusCode: 428 })).toBe(true);
    expect(about({ type: 'closed', statusCode: 428, isUnreached: true })).toBe(false);
    expect(about({ type: 'closed', statusCode: 477, data: { reason: '477' } })).toBe(true);
    expect(about({ type: 'closed', statusCode: 405, data: { reason: '405' } })).toBe(true);
    expect(about({ type: 'closed', statusCode: 500 })).toBe(true);
    expect(about({ type: 'closed', statusCode: 500, data: { reason: '500' } })).toBe(false);
    expect(about({ type: 'closed', statusCode: 503, data: { reason: '503' } })).toBe(false);
    expect(about({ type: 'connect_timeout' })).toBe(true);
    expect(about({ type: 'connect_timeout', isUnreached: true })).toBe(false);
    for (const type of ['untrusted_server', 'store_failed', 'uncorrelated'] as const)
      expect(about({ type })).toBe(false);
    expect(about({ type: 'upgrade_refused', status: 502 })).toBe(false);
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
