import { z } from 'zod';
import type { Account, CompanionDevice, Device, Directory } from './directory.ts';
import { companionsOf } from './directory.ts';
import type { Groups } from './groups.ts';
import type { AppStateQueries } from './iq/app-state.ts';
import { Mailbox } from './mailbox.ts';
import { bytesSchema, fromJsonStanza, stanzaSchema, toBase64, toJsonStanza } from './stanza-json.ts';
import type { NoiseAuthority } from './wire/certificates.ts';

/**
 * One-time keys handed out after the state was last written would be handed out again after a kill, and the client could not
 * read what is sealed with them; so the next ones in line are given up.
 */
const POSSIBLY_SPENT_KEYS = 20;

const keySchema = z.object({ id: z.number(), publicKey: bytesSchema });

const companionSchema = z.object({
  number: z.number(),
  noiseKey: bytesSchema,
  identityKey: bytesSchema,
  registrationId: z.number(),
  deviceIdentity: bytesSchema,
  signedPreKey: keySchema.extend({ signature: bytesSchema }),
  oneTimeKeys: z.array(keySchema),
});

const accountSchema = z.object({
  pn: z.string(),
  lid: z.string(),
  pushName: z.string().nullable(),
  hidesNumber: z.boolean(),
  nextDevice: z.number(),
  companions: z.array(companionSchema),
  /** What waits, by device number. */
  queues: z.record(z.string(), z.array(stanzaSchema)),
});

/** Everything that a network must remember over a restart. The people keep their own state. */
export const networkStateSchema = z.object({
  version: z.literal(1),
  authority: z.object({ root: bytesSchema, static: bytesSchema }),
  accounts: z.array(accountSchema),
  groups: z.array(
    z.object({
      jid: z.string(),
      subject: z.string(),
      description: z.string().nullable(),
      createdAt: z.number(),
      creatorLid: z.string(),
      members: z.record(z.string(), z.enum(['superadmin', 'admin', 'member'])),
    }),
  ),
  appState: z.record(z.string(), z.array(bytesSchema)),
});

/** JSON as {@link exportNetworkState} wrote it. */
export type NetworkState = z.input<typeof networkStateSchema>;

interface StatefulParts {
  readonly directory: Directory;
  readonly groups: Groups;
  readonly appState: AppStateQueries;
}

export function exportNetworkState(parts: StatefulParts & { readonly authority: NoiseAuthority }): NetworkState {
  const { root, static: staticKey } = parts.authority.privateKeys;
  const collections = [...parts.appState.export()];
  return {
    version: 1,
    authority: { root: toBase64(root), static: toBase64(staticKey) },
    accounts: parts.directory.accounts().map((account) => exportAccount(account)),
    groups: parts.groups.all().map(({ members, description, ...group }) => ({
      ...group,
      description: description ?? null,
      members: Object.fromEntries(members),
    })),
    appState: Object.fromEntries(collections.map(([key, patches]) => [key, patches.map((patch) => toBase64(patch))])),
  };
}

/** Fills fresh parts; the authority takes its keys at construction. */
export function restoreNetworkState(state: z.output<typeof networkStateSchema>, parts: StatefulParts): void {
  for (const saved of state.accounts) {
    const account = parts.directory.open(saved.pn, saved.lid);
    account.pushName = saved.pushName ?? undefined;
    account.hidesNumber = saved.hidesNumber;
    account.nextDevice = saved.nextDevice;
    const mailboxOf = (number: number): Mailbox => {
      const mailbox = new Mailbox();
      for (const stanza of saved.queues[String(number)] ?? []) mailbox.add(fromJsonStanza(stanza));
      return mailbox;
    };
    for (const companion of saved.companions) restoreCompanion(account, companion, mailboxOf(companion.number));
    for (const number of Object.keys(saved.queues).map(Number)) {
      if (!account.devices.has(number)) account.waitingMail.set(number, mailboxOf(number));
    }
  }
  for (const { members, description, ...group } of state.groups) {
    parts.groups.restore({
      ...group,
      description: description ?? undefined,
      members: new Map(Object.entries(members)),
    });
  }
  for (const [key, patches] of Object.entries(state.appState)) parts.appState.restore(key, patches);
}

function restoreCompanion(account: Account, saved: z.output<typeof companionSchema>, mailbox: Mailbox): void {
  const device: CompanionDevice = {
    kind: 'companion',
    account,
    mailbox,
    ...saved,
    oneTimeKeys: saved.oneTimeKeys.slice(POSSIBLY_SPENT_KEYS),
    warnedOfFewKeys: false,
    active: false,
  };
  account.devices.set(saved.number, device);
}

function exportAccount(account: Account): NetworkState['accounts'][number] {
  const mail = [
    ...[...account.devices].map(([number, device]: [number, Device]) => [number, device.mailbox] as const),
    ...account.waitingMail,
  ];
  return {
    pn: account.pn,
    lid: account.lid,
    pushName: account.pushName ?? null,
    hidesNumber: account.hidesNumber,
    nextDevice: account.nextDevice,
    companions: companionsOf(account).map((device) => exportCompanion(device)),
    queues: Object.fromEntries(
      mail
        .filter(([, mailbox]) => mailbox.letters.length > 0)
        .map(([number, mailbox]) => [String(number), mailbox.letters.map(({ stanza }) => toJsonStanza(stanza))]),
    ),
  };
}

function exportCompanion(device: CompanionDevice): NetworkState['accounts'][number]['companions'][number] {
  const { number, registrationId, signedPreKey } = device;
  return {
    number,
    registrationId,
    noiseKey: toBase64(device.noiseKey),
    identityKey: toBase64(device.identityKey),
    deviceIdentity: toBase64(device.deviceIdentity),
    signedPreKey: {
      id: signedPreKey.id,
      publicKey: toBase64(signedPreKey.publicKey),
      signature: toBase64(signedPreKey.signature),
    },
    oneTimeKeys: device.oneTimeKeys.map(({ id, publicKey }) => ({ id, publicKey: toBase64(publicKey) })),
  };
}
