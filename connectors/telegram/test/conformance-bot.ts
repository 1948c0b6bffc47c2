import type { AttachmentKind, TextEntity } from '../../../src/connector-api/index.ts';
import { isRecord } from '../../../src/core/json.ts';
import type {
  AccountSide,
  GroupSide,
  GuestSide,
  KitFile,
  NetworkSide,
  Refusal,
  Seen,
} from '../../../test/contract/connector-contract-harness.ts';
import { seenOf } from './bot-seen.ts';
import { refused } from './bot-server.ts';
import type { TownBot } from './bot-town.ts';
import { BotTown } from './bot-town.ts';

const FIRST_GUEST = 81_000_001;
const FIRST_GROUP = 1_990_000_001;
const SUPERGROUP_OFFSET = 1_000_000_000_000;
/** As `telegram-test-api` calls every bot. */
const BOT_NAME = '@testnamebot';

/** The Bot API as the conformance kit works it. */
export async function startBotNetwork(): Promise<NetworkSide> {
  const town = new BotTown();
  await town.start();
  const desks = new Map<AccountSide, BotDesk>();
  return {
    config: { botApi: town.server.root },
    createAccount: async () => {
      const desk = new BotDesk(town);
      const side = desk.side();
      desks.set(side, desk);
      return side;
    },
    createGuest: async (account) => {
      const desk = desks.get(account);
      if (desk === undefined) throw new Error('not an account of this network');
      return desk.guest();
    },
    reset: () => {
      town.server.mode = 'open';
      const wrong = town.violations.splice(0);
      if (wrong.length > 0) throw new Error(`the client was wrong: ${wrong.join('; ')}`);
    },
    stop: () => town.stop(),
  };
}

/** A hotel's bot, what befalls it, and the guests who speak with it. */
class BotDesk {
  static #nextGuest = FIRST_GUEST;
  static #nextGroup = FIRST_GROUP;
  readonly #town: BotTown;
  readonly #bot: TownBot;

  constructor(town: BotTown) {
    this.#town = town;
    this.#bot = town.createBot();
  }

  guest(): GuestSide {
    const id = BotDesk.#nextGuest;
    BotDesk.#nextGuest += 1;
    return new Guest(this.#town, this.#bot, { id, chatId: id });
  }

  side(): AccountSide {
    const bot = this.#bot;
    const { server } = this.#town;
    return {
      address: BOT_NAME,
      secrets: [bot.token, bot.token.slice(bot.token.indexOf(':') + 1)],
      flow: (method) => ({ method }),
      satisfy: async (step) => (step.type === 'input' ? { token: bot.token } : undefined),
      wrongAnswer: (step) => (step.type === 'input' ? { token: '7000000:AAF-nobodys' } : undefined),
      cutLine: async () => {
        await bot.asked(); // over HTTP a line is there while it is used
        bot.dropQuestions();
        server.cut();
      },
      beginOutage: async () => {
        await bot.asked();
        bot.dropQuestions();
        server.mode = 'closed';
        server.cut();
      },
      endOutage: () => {
        server.mode = 'open';
      },
      refusals: () => this.#refusals(),
      loseNextAcknowledgement: () => {
        bot.repeatsNext = true;
      },
      holdDeliveries: () => {
        bot.held = [];
      },
      releaseReversed: () => bot.release((held) => held.toReversed()),
      ignoreNextSend: () => ({
        taken: new Promise((resolve) => {
          bot.ignored = resolve;
        }),
      }),
      stallConnections: () => {
        server.mode = 'stalled';
      },
      createGroup: async () => this.#createGroup(),
    };
  }

  #refusals(): readonly Refusal[] {
    const bot = this.#bot;
    const answer = (code: number, text: string, parameters?: Readonly<Record<string, unknown>>) => (): void => {
      bot.refusals.set('getUpdates', refused(code, text, parameters));
      bot.wake();
    };
    const webhook =
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
    const other = 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running';
    const flood = answer(429, 'Too Many Requests: retry after 30', { retry_after: 30 });
    return [
      { name: 'token revoked', kind: 'logged_out', at: 'live', strike: answer(401, 'Unauthorized') },
      { name: 'token gone', kind: 'logged_out', at: 'login', strike: () => void this.#town.bots.delete(bot.token) },
      { name: 'webhook set meanwhile', kind: 'replaced', at: 'live', strike: answer(409, webhook) },
      { name: 'webhook set', kind: 'replaced', at: 'login', strike: answer(409, webhook) },
      { name: 'another program', kind: 'replaced', at: 'live', strike: answer(409, other) },
      { name: 'flood', kind: 'restricted', at: 'login', strike: flood },
      { name: 'trouble', kind: 'network', at: 'live', strike: answer(502, 'Bad Gateway') },
    ];
  }

  #createGroup(): GroupSide {
    const number = BotDesk.#nextGroup;
    BotDesk.#nextGroup += 1;
    const chatId = -SUPERGROUP_OFFSET - number;
    const [first, second] = [BotDesk.#nextGuest, BotDesk.#nextGuest + 1];
    BotDesk.#nextGuest += 2;
    const members = [first, second].map((id) => new Guest(this.#town, this.#bot, { id, chatId }));
    const [one, other] = members;
    if (one === undefined || other === undefined) throw new Error('a group has two members');
    return {
      chat: { kind: 'group', addresses: [`group:c${number}`] },
      members: [one, other],
      say: (text) => one.say(text),
    };
  }
}

/** A guest in front of the chat with the bot, or of a group. */
class Guest implements GuestSide {
  readonly #town: BotTown;
  readonly #bot: TownBot;
  readonly #id: number;
  readonly #chatId: number;
  readonly addresses: readonly [string, string];

  constructor(town: BotTown, bot: TownBot, { id, chatId }: { id: number; chatId: number }) {
    this.#town = town;
    this.#bot = bot;
    this.#id = id;
    this.#chatId = chatId;
    this.addresses = [`id:${id}`, `@guest${id}`];
  }

  seen(): readonly Seen[] {
    return this.#bot.taken.filter(({ fields }) => fields['chat_id'] === this.#chatId).flatMap(seenOf);
  }

  say(text: string): Promise<string> {
    return this.#say({ text });
  }

  reply(toId: string, text: string): Promise<string> {
    return this.#say({ text, reply_to_message: { message_id: Number(toId), date: 1, chat: this.#chat() } });
  }

  sayFormatted(text: string, entities: readonly TextEntity[]): Promise<string> {
    const written = entities.map((entity) => ({ ...entity, type: entity.type === 'link' ? 'text_link' : entity.type }));
    return this.#say({ text, entities: written });
  }

  forward(text: string): Promise<string> {
    const sender_user = { id: FIRST_GUEST - 1, is_bot: false, first_name: 'Aunt' };
    return this.#say({ text, forward_origin: { type: 'user', sender_user, date: 1 } });
  }

  sendFile(file: KitFile, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const fileId = `file${this.#town.ownId()}`;
    this.#bot.files.set(fileId, Buffer.from(file.bytes));
    const told = { file_id: fileId, file_size: file.bytes.length, mime_type: file.mimeType, file_name: file.filename };
    const { kind, body } = file;
    const form: Readonly<Record<AttachmentKind, unknown>> = {
      image: {
        photo: [
          { file_id: 'thumb', width: 90, height: 90 },
          { ...told, width: 800, height: 600 },
        ],
      },
      video: { video: { ...told, width: 640, height: 480, duration: 3 } },
      video_note: { video_note: { ...told, length: 384, duration: 3 } },
      voice: { voice: { ...told, duration: 3 } },
      audio: { audio: { ...told, duration: 3 } },
      file: { document: told },
      sticker: { sticker: { ...told, width: 512, height: 512, is_animated: false, is_video: false } },
    };
    const said = form[kind];
    return this.#say({ ...(isRecord(said) ? said : {}), ...(body === undefined ? {} : { caption: body }), ...more });
  }

  async sendAlbum(files: readonly KitFile[]): Promise<readonly string[]> {
    const album = { media_group_id: String(this.#town.ownId()) };
    const ids: string[] = [];
    for (const file of files) ids.push(await this.sendFile(file, album));
    return ids;
  }

  sendLocation({ latitude, longitude, name }: { latitude: number; longitude: number; name?: string }): Promise<string> {
    const location = { latitude, longitude };
    return this.#say({ location, ...(name === undefined ? {} : { venue: { location, title: name, address: '' } }) });
  }

  sendContact({ name, phones }: { name: string; phones: readonly string[] }): Promise<string> {
    return this.#say({ contact: { phone_number: phones[0]?.replace('+', ''), first_name: name } });
  }

  sendPoll({
    question,
    options,
    multiple,
  }: {
    question: string;
    options: readonly string[];
    multiple: boolean;
  }): Promise<string> {
    const id = String(this.#town.ownId());
    const told = options.map((text) => ({ text, voter_count: 0 }));
    return this.#say({ poll: { id, question, options: told, allows_multiple_answers: multiple } });
  }

  async press(toId: string, buttonId: string): Promise<void> {
    const sent = this.#bot.taken.find(({ messageIds }) => messageIds.includes(Number(toId)));
    const message = {
      message_id: Number(toId),
      date: 1,
      chat: this.#chat(),
      reply_markup: sent?.fields['reply_markup'],
    };
    await this.#town.say(this.#bot, 'sendCallback', { from: this.#self(), message, data: buttonId });
  }

  async vote(pollId: string, option_ids: readonly number[]): Promise<void> {
    this.#bot.push({ poll_answer: { poll_id: pollId, user: this.#self(), option_ids } });
  }

  async react(toId: string, emoji: string): Promise<void> {
    const new_reaction = emoji === '' ? [] : [{ type: 'emoji', emoji }];
    const target = { chat: this.#chat(), message_id: Number(toId), user: this.#self(), date: nowSeconds() };
    this.#bot.push({ message_reaction: { ...target, old_reaction: [], new_reaction } });
  }

  async edit(id: string, text: string): Promise<void> {
    const frame = { message_id: Number(id), from: this.#self(), chat: this.#chat(), date: 1 };
    this.#bot.push({ edited_message: { ...frame, edit_date: nowSeconds(), text } });
  }

  async #say(said: Readonly<Record<string, unknown>>): Promise<string> {
    const { message } = await this.#town.say(this.#bot, 'sendMessage', {
      from: this.#self(),
      chat: this.#chat(),
      ...said,
    });
    return String(isRecord(message) ? message['message_id'] : undefined);
  }

  #self(): Readonly<Record<string, unknown>> {
    return { id: this.#id, is_bot: false, first_name: 'Kit', username: `guest${this.#id}` };
  }

  #chat(): Readonly<Record<string, unknown>> {
    if (this.#chatId < 0) return { id: this.#chatId, type: 'supergroup', title: 'Kit family' };
    return { ...this.#self(), id: this.#chatId, type: 'private' };
  }
}

const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
