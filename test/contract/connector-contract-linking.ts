import { expect } from 'vitest';
import { DisconnectError, LoginError } from '../../src/connector-api/index.ts';
import { seededRandom, systemRandom } from '../../src/core/random.ts';
import { claimsOf, need } from './connector-contract-harness.ts';
import type { CheckGroup } from './connector-contract-stage.ts';
import { failureOf } from './connector-contract-stage.ts';

const MESSAGE_IDS = 2_000;
/** Ids travel in stanzas, URLs and logs; longer or odder ones have no place there. */
const MESSAGE_ID = /^[\w.:@=-]{4,128}$/;

export const manifestChecks: CheckGroup = {
  name: 'manifest',
  checks: [
    {
      name: 'reads addresses into a form that it reads again, and says what it expected of the others',
      run: async ({ harness: { connector, addresses } }) => {
        const { parseAddress } = connector.manifest;
        for (const kind of ['direct', 'group'] as const) {
          for (const text of addresses[kind]) {
            const reading = parseAddress(text);
            expect(reading).toMatchObject({ ok: true, kind });
            if (reading.ok) expect(parseAddress(reading.address)).toEqual(reading);
          }
        }
        for (const text of [...addresses.refused, '', ' ']) {
          expect(parseAddress(text)).toEqual({ ok: false, expected: expect.stringMatching(/\w/) });
        }
      },
    },
    {
      name: 'makes message ids that are never the same, from nothing but the given randomness',
      run: async ({ harness: { connector } }) => {
        const { createMessageId } = connector.manifest;
        const ids = Array.from({ length: MESSAGE_IDS }, () => createMessageId(systemRandom));
        expect(new Set(ids).size).toBe(MESSAGE_IDS);
        for (const id of ids) expect(id).toMatch(MESSAGE_ID);
        expect(createMessageId(seededRandom(5))).toBe(createMessageId(seededRandom(5)));
      },
    },
    {
      name: 'takes its own configuration and refuses a key that it does not know',
      run: async ({ harness: { connector }, side }) => {
        const { configSchema } = connector.manifest;
        expect(configSchema.safeParse(side.config).success).toBe(true);
        expect(configSchema.safeParse({ ...side.config, keyOfNobody: 1 }).success).toBe(false);
        expect(connector.manifest.isPrivateEndpoint(configSchema.parse(side.config))).toBe(true);
      },
    },
    {
      name: 'claims exactly what its sessions can do, for the kind of their account',
      run: async (stage) => {
        await stage.open();
        await stage.link();
        const { account } = await stage.connect();
        expect(account.kind).toBe(stage.harness.accountKind);
        expect(stage.harness.connector.manifest.accountKinds ?? [undefined]).toContain(account.kind);
        const { features } = stage.session;
        const claims = claimsOf(stage.harness);
        expect({
          typing: features.has('typing'),
          readMarks: features.has('readMarks'),
          react: features.has('react'),
          edit: features.has('edit'),
          delete: features.has('delete'),
        }).toEqual({
          typing: claims.typing,
          readMarks: claims.readMarks,
          react: claims.react,
          edit: claims.editWindowMs !== undefined,
          delete: claims.deleteWindowMs !== undefined,
        });
        expect(claims.maxTextLength).toBeGreaterThan(0);
        for (const { maxBytes } of Object.values(claims.attachments)) expect(maxBytes).toBeGreaterThan(0);
      },
    },
  ],
};

export const linkingChecks: CheckGroup = {
  name: 'linking',
  checks: [
    {
      name: 'links by every method that it names, and is then online as the account',
      run: async (stage) => {
        const { manifest } = stage.harness.connector;
        for (const method of manifest.linkMethods) {
          expect((await stage.open()).linked).toBe(false);
          const done = await stage.link(method);
          expect(done).toMatchObject({ type: 'complete', account: { address: stage.account.address } });
          const connected = await stage.connect();
          expect(connected.account.address).toBe(stage.account.address);
          expect(connected.version).toMatch(/\S/);
          expect(manifest.parseAddress(connected.account.address).ok).toBe(true);
          await stage.session.call('logout', undefined);
          await stage.session.close();
        }
      },
    },
    {
      name: 'comes back without linking',
      run: async (stage) => {
        await stage.open();
        await stage.link();
        await stage.session.close();
        expect(await stage.open()).toMatchObject({ linked: true, account: { address: stage.account.address } });
        expect((await stage.connect()).account.address).toBe(stage.account.address);
      },
    },
    {
      name: 'that is cancelled leaves nothing half-made, and can be begun again',
      run: async (stage) => {
        await stage.open();
        const login = stage.raw.beginLogin(stage.account.flow(stage.harness.connector.manifest.linkMethods[0]));
        await stage.inTime('the first step', login.next());
        const pending = failureOf(login.next());
        await stage.inTime('the end of the login', login.cancel());
        await login.cancel();
        const failure = await stage.inTime('the end of the waiting', pending);
        expect(failure).toBeInstanceOf(LoginError);
        expect(failure).toMatchObject({ code: 'cancelled' });
        expect(stage.raw.isLinked()).toBe(false);
        expect(stage.vault.spool.depth()).toBe(0);
        await stage.session.close();
        expect((await stage.open()).linked).toBe(false);
        await stage.link();
        await stage.connect();
      },
    },
    {
      name: 'that the network refuses is rejected and leaves no link',
      applies: ({ without }) => without.wrongAnswer === undefined,
      run: async (stage) => {
        await stage.open();
        const login = stage.raw.beginLogin(stage.account.flow(stage.harness.connector.manifest.linkMethods[0]));
        const answerWrongly = async (): Promise<void> => {
          for (;;) {
            const step = await login.next();
            if (step.type === 'complete') return;
            const wrong = need(stage.account, 'wrongAnswer')(step);
            const answer = wrong ?? (await stage.account.satisfy(step));
            if (answer !== undefined) await login.answer(answer);
          }
        };
        const failure = await stage.inTime('the refusal', failureOf(answerWrongly()));
        expect(failure).toBeInstanceOf(LoginError);
        expect(failure).toMatchObject({ code: 'rejected' });
        expect(stage.raw.isLinked()).toBe(false);
      },
    },
    {
      name: 'is needed before a connection',
      run: async (stage) => {
        await stage.open();
        const failure = await failureOf(stage.connect());
        expect(failure).toBeInstanceOf(DisconnectError);
        expect(failure).toMatchObject({ reason: { kind: 'logged_out' } });
      },
    },
    {
      name: 'ends with a logout, which erases the vault and tells no disconnect',
      run: async (stage) => {
        const guest = await stage.online();
        await stage.stored(await guest.say('kit: before the logout'));
        await stage.inTime('the logout', stage.session.call('logout', undefined));
        expect(stage.raw.isLinked()).toBe(false);
        expect(stage.vault.spool.depth()).toBe(0);
        expect(stage.daemon.ofType('disconnected')).toEqual([]);
        await stage.session.close();
        expect(await stage.open()).toMatchObject({ linked: false, account: undefined });
      },
    },
  ],
};
