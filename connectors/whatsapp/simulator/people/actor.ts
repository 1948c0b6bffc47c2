import type { Clock } from '../../../../src/core/clock.ts';
import type { Random } from '../../../../src/core/random.ts';
import { PeoplePace } from '../../../box/people-pace.ts';
import type { Guest } from './guest.ts';
import { makeLampPicture } from './lamp-picture.ts';
import type { SeenItem } from './seen-item.ts';
import type { StoryContent, StoryScript } from './story-scripts.ts';
import { makeVoiceNote } from './voice-note.ts';

export interface ActorState {
  /** The first message is out. */
  readonly begun: boolean;
  /** Address of the story's chat, once there is one. */
  readonly chat?: string | undefined;
  readonly answered: number;
}

export interface ActorOptions {
  readonly script: StoryScript;
  readonly guest: Guest;
  readonly clock: Clock;
  readonly random: Random;
  /** Gives the story's chat, making its group if it has one. */
  readonly openChat: () => string;
  readonly isHotel: (lid: string) => boolean;
  readonly tell: (what: string) => void;
  readonly onProblem: (error: unknown) => void;
  readonly state?: ActorState | undefined;
}

/** Plays one guest in one story: begins it, reads after a while what the hotel says, answers as long as the script goes. */
export class Actor {
  readonly #options: ActorOptions;
  readonly #stopped = new AbortController();
  readonly #pace: PeoplePace;
  #begun: boolean;
  #chat: string | undefined;
  #answered: number;
  #reacting = false;
  #unsubscribe: (() => void) | undefined;

  constructor(options: ActorOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#pace = new PeoplePace({ clock, random, signal: this.#stopped.signal });
    this.#begun = options.state?.begun ?? false;
    this.#chat = options.state?.chat;
    this.#answered = options.state?.answered ?? 0;
  }

  start(): void {
    this.#unsubscribe = this.#options.guest.inbox.subscribe((item) => this.#notice(item));
    if (!this.#begun) this.#run(() => this.#begin());
  }

  stop(): void {
    this.#stopped.abort();
    this.#unsubscribe?.();
  }

  exportState(): ActorState {
    return {
      begun: this.#begun,
      ...(this.#chat === undefined ? {} : { chat: this.#chat }),
      answered: this.#answered,
    };
  }

  async #begin(): Promise<void> {
    const { script, openChat } = this.#options;
    await this.#pace.pause(script.beginsAfterMs);
    this.#chat ??= openChat();
    for (const content of script.opening) {
      await this.#say(this.#chat, content);
      this.#begun = true;
    }
  }

  #notice(item: SeenItem): void {
    if (item.type !== 'message' || item.fromMe || !this.#options.isHotel(item.author) || this.#reacting) return;
    this.#run(() => this.#reactTo(item.chat));
  }

  /** Reads, perhaps answers, and looks again: more may have come while the person was typing. */
  async #reactTo(firstChat: string): Promise<void> {
    this.#reacting = true;
    try {
      for (let chat: string | undefined = firstChat; chat !== undefined; chat = this.#unreadChat()) {
        await this.#pace.lookAtPhone();
        const count = (await this.#options.guest.read(chat)).length;
        this.#options.tell(count === 1 ? 'has read your message' : `has read your ${count} messages`);
        await this.#answerIn(chat);
      }
    } finally {
      this.#reacting = false;
    }
  }

  async #answerIn(chat: string): Promise<void> {
    const { guest, script } = this.#options;
    const answer = script.answers[this.#answered];
    const isStoryChat = this.#chat !== undefined && guest.chatOf(this.#chat) === chat;
    if (answer === undefined || !this.#begun || !isStoryChat) return;
    this.#answered += 1;
    await this.#pace.think();
    await this.#say(chat, answer);
  }

  #unreadChat(): string | undefined {
    return this.#options.guest.screen.unread.find((message) => this.#options.isHotel(message.author))?.chat;
  }

  async #say(chat: string, content: StoryContent): Promise<void> {
    const { guest, tell } = this.#options;
    switch (content.kind) {
      case 'text':
        await guest.startTyping(chat);
        await this.#pace.type(content.text);
        await guest.say(content.text, chat);
        tell(`writes: "${content.text}"`);
        return;
      case 'lamp_picture':
        await guest.showImage({ bytes: makeLampPicture(), mimeType: 'image/png', caption: content.caption }, chat);
        tell(`sends a picture: "${content.caption}"`);
        return;
      case 'voice_note':
        await this.#pace.pause(content.seconds * 1_000);
        await guest.recordVoice({ bytes: makeVoiceNote(content.seconds), mimeType: 'audio/ogg; codecs=opus' }, chat);
        tell(`sends a voice note of ${content.seconds} seconds`);
        return;
    }
  }

  #run(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!this.#stopped.signal.aborted) this.#options.onProblem(error);
    });
  }
}
