import { describe, expect, it } from 'vitest';
import type { LineEnd } from '../disconnect.ts';
import { endsSession, toDisconnectCause } from '../disconnect.ts';
import { readWord } from '../rpc-word.ts';

const refused = (code: number, text: string): LineEnd => ({
  type: 'refused',
  failure: { code, text, method: 'users.getUsers' },
});

describe('the end of a connection', () => {
  it.each([
    [refused(401, 'AUTH_KEY_UNREGISTERED'), 'logged_out', 'telegram_auth_key_unregistered'],
    [refused(401, 'SESSION_REVOKED'), 'logged_out', 'telegram_session_revoked'],
    [refused(401, 'SESSION_EXPIRED'), 'logged_out', 'telegram_session_expired'],
    [refused(401, 'SESSION_PASSWORD_NEEDED'), 'logged_out', 'telegram_session_password_needed'],
    [refused(401, 'SOMETHING_NEW'), 'logged_out', 'telegram_something_new'],
    [refused(406, 'AUTH_KEY_DUPLICATED'), 'logged_out', 'telegram_auth_key_duplicated'],
    [refused(401, 'USER_DEACTIVATED'), 'banned', 'telegram_user_deactivated'],
    [refused(401, 'USER_DEACTIVATED_BAN'), 'banned', 'telegram_user_deactivated_ban'],
    [refused(400, 'PHONE_NUMBER_BANNED'), 'banned', 'telegram_phone_number_banned'],
    [refused(406, 'UPDATE_APP_TO_LOGIN'), 'client_outdated', 'telegram_update_app_to_login'],
    [refused(400, 'CONNECTION_LAYER_INVALID'), 'client_outdated', 'telegram_connection_layer_invalid'],
    [refused(400, 'CONNECTION_NOT_INITED'), 'protocol_changed', 'telegram_connection_not_inited'],
    [refused(400, 'API_ID_INVALID'), 'unknown', 'telegram_api_id_invalid'],
    [refused(400, 'CONNECTION_API_ID_INVALID'), 'unknown', 'telegram_connection_api_id_invalid'],
    [refused(400, 'API_ID_PUBLISHED_FLOOD'), 'restricted', 'telegram_api_id_published_flood'],
    [refused(420, 'FLOOD_WAIT_77'), 'restricted', 'telegram_flood_wait'],
    [refused(500, 'INTERNAL'), 'network', 'telegram_server_error'],
    [refused(-503, 'Timeout'), 'network', 'telegram_server_error'],
    [refused(400, 'SOMETHING_NEW_7'), 'unknown', 'telegram_something_new'],
    [{ type: 'transport', code: -404 }, 'logged_out', 'telegram_key_unknown'],
    [{ type: 'transport', code: -429 }, 'network', 'telegram_transport_flood'],
    [{ type: 'transport', code: -444 }, 'protocol_changed', 'telegram_wrong_dc'],
    [{ type: 'transport', code: -1 }, 'unknown', 'telegram_transport_error'],
    [{ type: 'lost', systemCode: 'ECONNREFUSED' }, 'network', 'telegram_connection_lost'],
    [{ type: 'lost' }, 'network', 'telegram_connection_lost'],
    [{ type: 'silent' }, 'network', 'telegram_silent'],
    [{ type: 'protocol', detail: 'unknown constructor' }, 'protocol_changed', 'telegram_protocol'],
    [{ type: 'store_failed' }, 'unknown', 'telegram_store_failed'],
  ] satisfies [LineEnd, string, string][])('%j is %s, %s', (end, kind, code) => {
    expect(toDisconnectCause(end)).toMatchObject({ kind, code });
  });

  it('carries how long the network wants to be left alone', () => {
    expect(toDisconnectCause(refused(420, 'FLOOD_WAIT_77'))).toMatchObject({
      retryAfterMs: 77_000,
      nativeCode: 'FLOOD_WAIT_77',
    });
  });

  it('blames the engine only for what may have to do with it', () => {
    const isAbout = (...end: Parameters<typeof toDisconnectCause>): boolean =>
      toDisconnectCause(...end).anyVersion !== true;
    for (const type of ['lost', 'silent'] as const) {
      expect(isAbout({ type })).toBe(true);
      expect(isAbout({ type }, { isReached: false })).toBe(false);
    }
    expect(isAbout({ type: 'protocol', detail: '' })).toBe(true);
    expect(isAbout(refused(400, 'SOMETHING_NEW_7'))).toBe(true);
    expect(isAbout(refused(400, 'CONNECTION_LAYER_INVALID'))).toBe(true);
    expect(isAbout(refused(500, 'INTERNAL'))).toBe(false);
    expect(isAbout({ type: 'transport', code: -429 })).toBe(false);
    expect(isAbout({ type: 'transport', code: -444 })).toBe(false);
    expect(isAbout({ type: 'store_failed' })).toBe(false);
  });

  it('keeps all of what it does not know', () => {
    expect(toDisconnectCause(refused(400, 'SOMETHING_NEW_7'))).toMatchObject({
      nativeCode: 'SOMETHING_NEW_7',
      native: { code: 400, method: 'users.getUsers' },
    });
    expect(toDisconnectCause({ type: 'transport', code: -1 }).nativeCode).toBe('-1');
    expect(toDisconnectCause({ type: 'lost', systemCode: 'EPIPE' }).nativeCode).toBe('EPIPE');
  });

  it('says that a duplicated key is dead and what to stop', () => {
    const { detail } = toDisconnectCause(refused(406, 'AUTH_KEY_DUPLICATED'));
    expect(detail).toContain('other program');
  });
});

describe('an error of a call', () => {
  it.each([
    [401, 'AUTH_KEY_UNREGISTERED', true],
    [401, 'SOMETHING_NEW', true],
    [406, 'AUTH_KEY_DUPLICATED', true],
    [400, 'CONNECTION_NOT_INITED', true],
    [400, 'PEER_ID_INVALID', false],
    [420, 'FLOOD_WAIT_5', false],
    [500, 'INTERNAL', false],
    [403, 'CHAT_WRITE_FORBIDDEN', false],
  ])('%d %s ends the session: %s', (code, text, isEnd) => {
    expect(endsSession({ code, text, method: 'messages.sendMessage' })).toBe(isEnd);
  });

  it.each([
    ['FLOOD_WAIT_42', 'FLOOD_WAIT', 42],
    ['FILE_PART_3_MISSING', 'FILE_PART_MISSING', 3],
    ['PEER_FLOOD', 'PEER_FLOOD', undefined],
    ['2FA_CONFIRM_WAIT_600', '2FA_CONFIRM_WAIT', 600],
  ])('%s is the word %s with the value %s', (text, word, value) => {
    expect(readWord(text)).toEqual({ word, value });
  });
});
