/** What somebody sends in a story. */
export type StoryContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'lamp_picture'; readonly caption: string }
  | { readonly kind: 'voice_note'; readonly seconds: number };

/** One conversation with the hotel: how it begins, and what comes back when the hotel answers. */
export interface StoryScript {
  /** Unique; the state of a story is kept under it. */
  readonly key: string;
  /** Key of the guest in the cast. */
  readonly guest: string;
  /** From the start of the stories to the first message. */
  readonly beginsAfterMs: number;
  readonly opening: readonly StoryContent[];
  /** Sent after the hotel's first message, its second, and so on; then the guest only reads. */
  readonly answers: readonly StoryContent[];
  /** The conversation is in a group that another guest makes, with the hotel in it. */
  readonly group?: { readonly subject: string; readonly madeBy: string; readonly others: readonly string[] };
}

/** The stories of the sandbox. The answers fit whatever the hotel says. */
export const sandboxStories: readonly StoryScript[] = [
  {
    key: 'arrival',
    guest: 'katrin',
    beginsAfterMs: 1_500,
    opening: [
      {
        kind: 'text',
        text: 'Guten Tag! Wir reisen morgen mit dem Auto an. Ab wann können wir einchecken, und gibt es einen Parkplatz?',
      },
    ],
    answers: [
      { kind: 'text', text: 'Wunderbar, vielen Dank! Dann bis morgen.' },
      { kind: 'text', text: '😊' },
    ],
  },
  {
    key: 'wifi',
    guest: 'james',
    beginsAfterMs: 9_000,
    opening: [
      { kind: 'text', text: 'Hi, James in room 118.' },
      { kind: 'text', text: 'The Wi-Fi asks for a password – could you tell me what it is?' },
    ],
    answers: [{ kind: 'text', text: 'Works perfectly, thank you!' }],
  },
  {
    key: 'lamp',
    guest: 'chloe',
    beginsAfterMs: 20_000,
    opening: [{ kind: 'lamp_picture', caption: 'Bonsoir, la lampe de la chambre 214 est cassée…' }],
    answers: [
      { kind: 'text', text: 'Merci, c’est très gentil.' },
      { kind: 'text', text: 'Bonne soirée !' },
    ],
  },
  {
    key: 'late_checkout',
    guest: 'marcus',
    beginsAfterMs: 35_000,
    opening: [
      { kind: 'voice_note', seconds: 4 },
      { kind: 'text', text: 'Sorry, driving – short version: any chance of a late check-out on Sunday?' },
    ],
    answers: [{ kind: 'text', text: 'Great, I appreciate it. Thanks!' }],
  },
  {
    key: 'family',
    guest: 'jonas',
    beginsAfterMs: 50_000,
    opening: [{ kind: 'text', text: 'Hallo zusammen! Kann man bei Ihnen Fahrräder leihen?' }],
    answers: [{ kind: 'text', text: 'Super, danke!' }],
    group: { subject: 'Familie Berger am See', madeBy: 'katrin', others: ['jonas'] },
  },
];
