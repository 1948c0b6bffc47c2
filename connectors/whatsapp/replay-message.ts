import type { AuthenticationCreds, BinaryNode, SignalRepositoryWithLIDStore, WAMessage } from '@whiskeysockets/baileys';
import { silentLogger } from '../../src/core/logger.ts';
import type { Baileys } from './baileys.ts';
import { makeBaileysLogger } from './baileys-log.ts';
import { UnmappableError } from './inbox-handlers.ts';
import type { EntryBody } from './journal-entry.ts';
import { hashIn } from './stanza-parts.ts';

type MessageBody = Extract<EntryBody, { kind: 'message' | 'copy' | 'unreadable' }>;

/** Rebuilds messages from the journal with the functions that Baileys itself uses for live ones. Needs no socket. */
export class MessageReplay {
  readonly #baileys: Baileys;
  readonly #credentials: () => AuthenticationCreds | undefined;

  constructor(deps: { baileys: Baileys; credentials: () => AuthenticationCreds | undefined }) {
    this.#baileys = deps.baileys;
    this.#credentials = deps.credentials;
  }

  /** Rejects with an UnmappableError where Baileys could not have built it either. */
  async rebuild(body: MessageBody): Promise<WAMessage> {
    try {
      const message = await this.#build(body);
      const me = this.#me();
      this.#baileys.cleanMessage(message, me.id, me.lid);
      return message;
    } catch (error) {
      throw error instanceof UnmappableError ? error : new UnmappableError(error);
    }
  }

  /** Only the envelope; for what cannot be rebuilt. */
  envelope(stanza: BinaryNode): WAMessage {
    const { id, lid } = this.#me();
    try {
      return this.#baileys.decodeMessageNode(stanza, id, lid).fullMessage;
    } catch {
      const { from, participant, id: messageId, t } = stanza.attrs;
      return {
        key: {
          remoteJid: from ?? null,
          id: messageId ?? null,
          fromMe: false,
          ...(participant === undefined ? {} : { participant }),
        },
        messageTimestamp: Number(t ?? 0),
      };
    }
  }

  async #build(body: MessageBody): Promise<WAMessage> {
    const { id, lid } = this.#me();
    switch (body.kind) {
      case 'message': {
        const repository = lookup(body.parts);
        const reading = this.#baileys.decryptMessageNode(body.stanza, id, lid, repository, QUIET);
        await reading.decrypt();
        return this.#checked(reading.fullMessage, body);
      }
      case 'copy': {
        const copy = this.#baileys.proto.WebMessageInfo.decode(body.webMessageInfo);
        const envelope = this.envelope(body.stanza);
        return {
          ...envelope,
          message: copy.message ?? null,
          messageTimestamp: copy.messageTimestamp ?? envelope.messageTimestamp ?? null,
        };
      }
      case 'unreadable':
        return this.envelope(body.stanza);
    }
  }

  #checked(message: WAMessage, body: Extract<MessageBody, { kind: 'message' }>): WAMessage {
    const isStub = message.messageStubType === this.#baileys.proto.WebMessageInfo.StubType.CIPHERTEXT;
    if (isStub && body.parts.size > 0) throw new UnmappableError(new Error('a decrypted part is not a message'));
    return message;
  }

  #me(): { id: string; lid: string } {
    const me = this.#credentials()?.me;
    return { id: me?.id ?? '', lid: me?.lid ?? '' };
  }
}

const QUIET = makeBaileysLogger(silentLogger);

/** Answers decryption from the journal; everything else that decoding may ask of a repository has been done already. */
function lookup(parts: ReadonlyMap<string, Uint8Array>): SignalRepositoryWithLIDStore {
  const find = async (content: Uint8Array): Promise<Uint8Array> => {
    const plaintext = parts.get(hashIn(content));
    if (plaintext === undefined) throw new Error('part not journalled');
    return plaintext;
  };
  const stub = {
    decryptMessage: (options: { ciphertext: Uint8Array }) => find(options.ciphertext),
    decryptGroupMessage: (options: { msg: Uint8Array }) => find(options.msg),
    processSenderKeyDistributionMessage: async () => undefined,
    migrateSession: async () => ({ migrated: 0, skipped: 0, total: 0 }),
    lidMapping: { getLIDForPN: async () => null, storeLIDPNMappings: async () => undefined },
  };
  // The library's type is a class with private fields, so nothing but its own object fits it. These five members are all
  // that decryptMessageNode calls in 7.0.0-rc14; the contract test against the simulator notices when that changes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return stub as unknown as SignalRepositoryWithLIDStore;
}
