import type { Place } from './guest.ts';

/** What somebody sends in a story. */
export type StoryContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'place'; readonly place: Place }
  /** To the hotel's last message. */
  | { readonly kind: 'reaction'; readonly emoji: string };

/** One conversation with the hotel: how it begins, and what comes back when the hotel answers. */
export interface StoryScript {
  /** Key of the guest in the cast, and of the story's state. */
  readonly guest: string;
  /** From the start of the stories to the first message. */
  readonly beginsAfterMs: number;
  readonly opening: readonly StoryContent[];
  /** Sent after the hotel's first message, its second, and so on; then the guest only reads. */
  readonly answers: readonly StoryContent[];
}

/** The stories of the sandbox. The answers fit whatever the hotel says. */
export const sandboxStories: readonly StoryScript[] = [
  {
    guest: 'katrin',
    beginsAfterMs: 14_000,
    opening: [
      {
        kind: 'text',
        text: 'Hallo, hier ist noch einmal Katrin Berger, diesmal über Telegram: Haben Sie ein Kinderbett für uns?',
      },
    ],
    answers: [
      { kind: 'text', text: 'Perfekt, danke!' },
      { kind: 'reaction', emoji: '👍' },
    ],
  },
  {
    guest: 'amira',
    beginsAfterMs: 28_000,
    opening: [
      { kind: 'place', place: { latitude: 52.525, longitude: 13.3694, name: 'Berlin Hauptbahnhof' } },
      { kind: 'text', text: 'We have just arrived here. Which way to you, and can we leave our bags before three?' },
    ],
    answers: [
      { kind: 'reaction', emoji: '🙏' },
      { kind: 'text', text: 'See you in a minute!' },
    ],
  },
];
