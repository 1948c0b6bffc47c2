import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectorEvent, SendErrorCode } from '../../../src/connector-api/index.ts';
import {
  DisconnectError,
  disconnectKinds,
  LoginError,
  limitScopes,
  SendError,
} from '../../../src/connector-api/index.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import { EventWindow, MAX_UNACKED_EVENTS } from '../../../src/host/event-window.ts';
import { ForwardingLogger, relayLogLine } from '../../../src/host/forwarding-logger.ts';
import { memoryLinks } from '../../../src/host/memory-link.ts';
import { Peer } from '../../../src/host/peer.ts';
import { redact } from '../../../src/host/redact.ts';
import { fromWireError, toWireError } from '../../../src/host/wire-error.ts';
import { Gate, RecordingLogger } from '../../support/fake-connector-host.ts';
import { settle } from '../../support/virtual-clock.ts';

const across = (error: unknown): Error => fromWireError(structuredClone(toWireError(error)));
const event = (at: number): ConnectorEvent => ({
  type: 'deleted',
  chat: { kind: 'direct', addresses: ['a'] },
  target: { networkId: String(at) },
  at,
});
const typing: ConnectorEvent = { type: 'typing', chat: { kind: 'direct', addresses: ['a'] }, by: 'a', on: true };

describe('an error that crosses', () => {
  it('is the same SendError, whatever its facts', () => {
    const facts = fc.record(
      {
        certainty: fc.constantFrom('not_sent' as const, 'maybe_sent' as const),
        retryable: fc.boolean(),
        retryAfterMs: fc.nat(),
        scope: fc.constantFrom('message' as const, ...limitScopes),
        nativeCode: fc.string(),
        detail: fc.string(),
      },
      { requiredKeys: ['certainty', 'retryable'] },
    );
    const codes: SendErrorCode[] = [
      'session_down',
      'send_rejected',
      'media_gone',
      'media_too_large',
      'unsupported_content',
      'encryption_failed',
      'media_transfer_failed',
      'recipient_unknown',
      'send_timeout',
      'rate_limited',
      'internal_error',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...codes), facts, (code, options) => {
        const error = new SendError(code, options);
        const copy = across(error);
        expect(copy).toBeInstanceOf(SendError);
        expect([Object.entries(copy), copy.message]).toEqual([Object.entries(error), error.message]);
      }),
    );
  });

  it('is the same DisconnectError for every kind of cause', () => {
    for (const kind of disconnectKinds) {
      const reason = {
        kind,
        code: `x_${kind}`,
        nativeCode: '405',
        retryAfterMs: 5,
        detail: 'd',
        final: 'elsewhere',
        anyVersion: true,
        native: { a: [1, null] },
      } as const;
      expect(across(new DisconnectError(reason))).toMatchObject({ name: 'DisconnectError', reason });
    }
  });

  it('keeps the cause of a disconnect even when its native part cannot be written down', () => {
    const native = { socket: { close: () => undefined } };
    const error = new DisconnectError({ kind: 'unknown', code: 'x', native: native as never });
    expect(across(error)).toMatchObject({ reason: { kind: 'unknown', code: 'x' } });
  });

  it('is the same LoginError and BellhopError', () => {
    expect(across(new LoginError('expired', 'too late'))).toMatchObject({
      name: 'LoginError',
      code: 'expired',
      message: 'too late',
    });
    const error = new BellhopError('store_full', { detail: 'd', pointer: 'p', retryAfterSeconds: 3 });
    expect(across(error)).toMatchObject({
      code: 'store_full',
      detail: 'd',
      pointer: 'p',
      retryAfterSeconds: 3,
      status: 503,
    });
  });

  it('becomes internal_error when nobody foresees it, without numbers or keys in its text', () => {
    const copy = across(new TypeError('no session for 4915112345678@s.whatsapp.net'));
    expect(copy).toMatchObject({ code: 'internal_error' });
    expect(String(copy.cause)).toContain('TypeError');
    expect(String(copy.cause)).not.toContain('4915112345678');
    for (const odd of ['text', undefined, 7, { kind: 'send' }])
      expect(across(odd)).toMatchObject({ code: 'internal_error' });
    expect(fromWireError({ kind: 'bellhop', code: 'no_such_code' })).toMatchObject({ code: 'internal_error' });
  });
});

describe('the window of events', () => {
  it('lets no more than its limit go unacknowledged, and the rest follow in order', async () => {
    const gates: Gate[] = [];
    const delivered: number[] = [];
    const window = new EventWindow({
      deliver: (sent) => {
        if ('at' in sent) delivered.push(sent.at);
        const gate = new Gate();
        gates.push(gate);
        return gate.opened;
      },
    });
    const total = MAX_UNACKED_EVENTS * 3;
    const acked: number[] = [];
    for (let at = 0; at < total; at += 1) void window.emit(event(at)).then(() => acked.push(at));
    await settle();
    expect(delivered).toHaveLength(MAX_UNACKED_EVENTS);
    gates[0]?.open();
    await settle();
    expect(acked).toEqual([0]);
    expect(delivered).toHaveLength(MAX_UNACKED_EVENTS + 1);
    for (let at = 1; at < total; at += 1) {
      gates[at]?.open();
      await settle(1);
    }
    await settle();
    expect(delivered).toEqual(Array.from({ length: total }, (_, at) => at));
    expect(acked).toHaveLength(total);
  });

  it('drops what is only of interest now when it would have to wait', async () => {
    let delivered = 0;
    const window = new EventWindow({
      deliver: () => {
        delivered += 1;
        return new Promise(() => undefined);
      },
    });
    for (let at = 0; at < MAX_UNACKED_EVENTS; at += 1) void window.emit(event(at));
    await window.emit(typing);
    expect(delivered).toBe(MAX_UNACKED_EVENTS);
  });

  it('rejects what waits and what comes after it was closed', async () => {
    const window = new EventWindow({ deliver: () => new Promise(() => undefined) });
    for (let at = 0; at < MAX_UNACKED_EVENTS; at += 1) void window.emit(event(at));
    const waiting = window.emit(event(99));
    window.close();
    await expect(waiting).rejects.toMatchObject({ code: 'session_down' });
    await expect(window.emit(event(100))).rejects.toMatchObject({ code: 'session_down' });
  });
});

describe('a peer', () => {
  const deaf = { request: () => new Promise<never>(() => undefined), note: () => undefined, closed: () => undefined };

  it('rejects every call under way when the line goes, and every later one', async () => {
    const [near, far] = memoryLinks();
    let aborted = false;
    const other = new Peer({
      link: far,
      handlers: {
        ...deaf,
        request: (_method, _params, signal) => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
          return new Promise<never>(() => undefined);
        },
      },
    });
    const peer = new Peer({ link: near, handlers: deaf });
    other.start();
    peer.start();
    const call = peer.call('x', 1).answer;
    await settle();
    near.close();
    await expect(call).rejects.toMatchObject({ code: 'session_down' });
    await expect(peer.call('y', 1).answer).rejects.toMatchObject({ code: 'session_down' });
    expect(aborted).toBe(true);
  });

  it('takes no notice of what is no frame, of unknown ids and of answers that come twice', async () => {
    const [near, far] = memoryLinks();
    const peer = new Peer({ link: near, handlers: deaf });
    peer.start();
    far.listen({ onMessage: () => undefined, onClose: () => undefined });
    const call = peer.call('x', 1).answer;
    for (const odd of [
      {},
      { kind: 'answer', id: 99, value: 1 },
      { kind: 'failure', id: 'x' },
      { kind: 'cancel', id: 5 },
    ])
      far.send(odd);
    far.send({ kind: 'answer', id: 1, value: 'first' });
    far.send({ kind: 'answer', id: 1, value: 'second' });
    expect(await call).toBe('first');
  });

  it('answers with an error when its answer cannot cross', async () => {
    const [near, far] = memoryLinks();
    const peer = new Peer({ link: near, handlers: deaf });
    const other = new Peer({ link: far, handlers: { ...deaf, request: async () => () => 1 } });
    peer.start();
    other.start();
    await expect(peer.call('x', 1).answer).rejects.toMatchObject({ code: 'internal_error' });
  });
});

describe('a log line that crosses', () => {
  it('keeps its level, text and fields, and lines below the minimum stay behind', () => {
    const log = new RecordingLogger();
    let sent = 0;
    const child = new ForwardingLogger({
      send: (line) => {
        sent += 1;
        relayLogLine(log, structuredClone(line));
      },
      minimum: 'info',
    }).child({ session: 's' });
    child.debug('hidden');
    child.warn('seen', { n: 1, none: undefined, nothing: null, error: new RangeError('far') });
    expect(sent).toBe(1);
    expect(log.lines).toEqual([
      { level: 'warn', text: 'seen', fields: { session: 's', n: 1, nothing: null, error: expect.any(Error) as Error } },
    ]);
    expect(log.lines[0]?.fields['error']).toMatchObject({ name: 'RangeError', message: 'far' });
    relayLogLine(log, { level: 'loud', text: 'x', fields: {} });
    expect(log.lines).toHaveLength(1);
  });
});

describe('redacted text', () => {
  it('hides numbers, keys and buffers and keeps what tells the fault', () => {
    const text = redact(
      'Error: bad mac for +49 151 1234-5678 and 4915112345678:2@s.whatsapp.net key q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k= <Buffer 01 02>\n    at processTicksAndRejections (node:internal/process/task_queues:95:5)',
    );
    for (const secret of ['151', '1234', '49151', 'q83v', 'RWeJ', '01 02']) expect(text).not.toContain(secret);
    for (const kept of ['Error: bad mac for', 'processTicksAndRejections', 'node:internal/process/task_queues:95:5'])
      expect(text).toContain(kept);
  });
});
