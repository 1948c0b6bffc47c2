import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation, Guest } from '../../src/engine/model/conversation.ts';
import type { EventEnvelope } from '../../src/engine/model/event.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { Session } from '../../src/engine/model/session.ts';
import type { Page } from '../../src/engine/ports/index.ts';
import { Api } from '../support/api.ts';
import { DaemonProcess, makeWorkingDir, runCommand } from '../support/daemon-process.ts';

/** The story of the README, told by the built product: nothing configured, no account, no network but the one in the box. */
describe('the first five minutes', { timeout: 60_000 }, () => {
  const dir = makeWorkingDir();
  const hooks: EventEnvelope[] = [];
  let secret = '';
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      hooks.push(new Webhook(secret).verify(body, request.headers as Record<string, string>) as EventEnvelope);
      response.end();
    });
  });
  let daemon: DaemonProcess;
  let api: Api;
  let key = '';

  beforeAll(async () => {
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    daemon = new DaemonProcess({ cwd: dir.path });
    key = await daemon.adminKey();
    api = new Api(await daemon.url(), key);
  }, 60_000);

  afterAll(async () => {
    await daemon.end('SIGKILL');
    receiver.closeAllConnections();
    receiver.close();
    dir.remove();
  });

  it('says where everything is, and the guests begin to write', async () => {
    await daemon.find(/Katrin Berger +writes: "Guten Tag!/);
    expect(daemon.output).toMatch(/docs +http:\/\/127\.0\.0\.1:\d+\/docs/);
    const event = await api.waitForEvent(
      (each) => each.type === 'message.received' && each.data.guest?.displayName === 'Katrin Berger',
    );
    expect(event.data.message).toMatchObject({
      direction: 'inbound',
      channel: 'whatsapp',
      session: 'front-desk',
      from: '+491713920010',
      type: 'text',
    });
    expect(event.data.conversation).toMatchObject({ kind: 'direct', unreadCount: 1 });
  });

  it('gives a webhook receiver signed events', async () => {
    const { port } = receiver.address() as AddressInfo;
    const created = await api.post<{ secret: string }>('/v1/webhooks', {
      url: `http://127.0.0.1:${port}/hook`,
      types: ['message.*'],
    });
    expect(created.status).toBe(201);
    secret = created.body.secret;
    expect(secret).toMatch(/^whsec_/);
  });

  it('runs the curl command that it printed, and the guest is seen to read the answer', async () => {
    const command = await daemon.find(
      /curl -s (\S+) -H 'authorization: Bearer (\S+)' \\\n\s+-H 'content-type: application\/json' -d '(.+)'\n/,
    );
    const answer = await fetch(command[1] ?? '', {
      method: 'POST',
      headers: { authorization: `Bearer ${command[2] ?? ''}`, 'content-type': 'application/json' },
      body: command[3] ?? '',
    });
    expect(answer.status).toBe(202);
    const message = (await answer.json()) as Message;
    expect(message).toMatchObject({ status: 'queued', to: '+491713920010', purpose: 'reply' });
    const read = await api.waitForEvent((each) => each.type === 'message.read' && each.data.message?.id === message.id);
    expect(read.data.message).toMatchObject({ status: 'read', attempts: 1 });
    await daemon.find(/Katrin Berger +has read your message/);
    const ours = hooks.filter((hook) => hook.data.message?.id === message.id).map((hook) => hook.type);
    expect(ours.slice(0, 3)).toEqual(['message.queued', 'message.sent', 'message.delivered']);
  });

  it('shows the picture that a guest sent, byte for byte', async () => {
    const event = await api.waitForEvent(
      (each) => each.type === 'message.received' && each.data.message?.type === 'image',
    );
    const [attachment] = event.data.message?.attachments ?? [];
    expect(attachment).toMatchObject({ status: 'stored', kind: 'image' });
    const bytes = Buffer.from(
      await (
        await fetch(`${api.url}/v1/media/${attachment?.mediaId}`, { headers: { authorization: `Bearer ${key}` } })
      ).arrayBuffer(),
    );
    expect(bytes.length).toBe(attachment?.sizeBytes);
  });

  it('shows a second network beside the first, where Katrin is somebody else until she is merged by hand', async () => {
    const written = await api.waitForEvent(
      (each) => each.type === 'message.received' && each.data.message?.channel === 'telegram',
    );
    const { guest, message } = written.data;
    expect(message).toMatchObject({ session: 'front-desk-telegram', from: expect.stringMatching(/^id:\d+$/) });
    expect(guest).toMatchObject({ displayName: 'Katrin Berger' });
    const katrins = async (): Promise<readonly Guest[]> =>
      (await api.get<Page<Guest>>('/v1/guests?q=Katrin')).body.data.filter(({ mergedInto }) => mergedInto === null);
    expect(await katrins()).toHaveLength(2);
    const first = (await katrins()).find(({ id }) => id !== guest?.id);
    expect(await api.post(`/v1/guests/${first?.id}/merge`, { guestId: guest?.id })).toMatchObject({ status: 200 });
    expect(await katrins()).toMatchObject([{ id: first?.id }]);
    const list = (await api.get<Page<Conversation>>(`/v1/conversations?guestId=${first?.id}`)).body.data;
    expect(list.map(({ channel }) => channel).toSorted()).toEqual(['telegram', 'whatsapp']);
    const answer = { conversationId: message?.conversationId, body: 'Gern, ein Kinderbett steht bereit.' };
    const { body } = await api.post<Message>('/v1/messages', answer);
    const read = await api.waitForEvent((each) => each.type === 'message.read' && each.data.message?.id === body.id);
    expect(read.data.guest?.id ?? first?.id).toBe(first?.id);
    await daemon.find(/Katrin Berger +on Telegram has read your message/);
  });

  it('is served by the command line next to it', async () => {
    const sessions = await runCommand(['sessions', '--json'], { cwd: dir.path });
    expect(sessions.code).toBe(0);
    expect(JSON.parse(sessions.stdout)).toMatchObject([
      { id: 'front-desk', state: 'connected' },
      { id: 'front-desk-telegram', state: 'connected' },
    ]);
    const sent = await runCommand(['send', 'whatsapp', '+491713920010', 'Bis morgen!'], { cwd: dir.path });
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Accepted as msg_/) });
    const refused = await runCommand(['send', 'whatsapp', '+4915', 'Hallo'], { cwd: dir.path });
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('invalid_address') });
    const stranger = await runCommand(['send', 'whatsapp', '+12025550199', 'Special offer!'], { cwd: dir.path });
    expect(stranger).toMatchObject({ code: 4, stderr: expect.stringContaining('no_basis') });
    const created = await runCommand(['keys', 'create', 'pms', '--scope', 'messages:read', '--json'], {
      cwd: dir.path,
    });
    const made = JSON.parse(created.stdout) as { id: string; key: string };
    const reader = new Api(api.url, made.key);
    expect((await reader.get('/v1/conversations')).status).toBe(200);
    expect((await reader.post('/v1/messages', { channel: 'whatsapp', to: '+491713920010', body: 'x' })).status).toBe(
      403,
    );
    const revoked = await runCommand(['keys', 'revoke', made.id], { cwd: dir.path });
    expect(revoked.code).toBe(0);
    expect((await reader.get('/v1/conversations')).status).toBe(401);
    expect((await runCommand(['doctor'], { cwd: dir.path })).code).toBe(0);
  });

  it('comes back after kill -9 without linking again, and goes on where it was', async () => {
    const before = (await api.get<Session>('/v1/sessions/front-desk')).body.account?.address;
    await daemon.end('SIGKILL');
    daemon = new DaemonProcess({ cwd: dir.path });
    api = new Api(await daemon.url(), key);
    await api.waitForEvent((each) => each.type === 'session.connected' && each.data.session?.id === 'front-desk');
    const { body } = await api.post<Message>('/v1/messages', {
      channel: 'whatsapp',
      to: '+491713920010',
      body: 'We are back.',
    });
    const delivered = await api.waitForEvent(
      (each) => each.type === 'message.delivered' && each.data.message?.id === body.id,
    );
    expect(delivered.data.message?.session).toBe('front-desk');
    expect((await api.get<Session>('/v1/sessions/front-desk')).body.account?.address).toBe(before);
  });

  it('ends on Ctrl-C with exit code 0', async () => {
    await expect(daemon.end('SIGINT')).resolves.toMatchObject({ code: 0 });
    const after = await runCommand(['sessions'], { cwd: dir.path });
    expect(after).toMatchObject({ code: 3, stderr: expect.stringContaining('bellhop start') });
  });
});
