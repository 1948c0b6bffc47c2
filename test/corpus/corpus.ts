import type { Fault, LabelChange } from './fault.ts';
import { gramjsFaults, mtcuteFaults } from './faults-telegram.ts';
import { botFaults } from './faults-telegram-bot.ts';
import { whatsappFaults } from './faults-whatsapp.ts';
import { xmppFaults } from './faults-xmpp.ts';
import type { Verdict } from './judge.ts';
import { judge } from './judge.ts';
import { observe } from './observe.ts';
import type { Stage, Theatre } from './stage.ts';
import { BotTheatre } from './stage-bot.ts';
import { TelegramTheatre } from './stage-telegram.ts';
import { WhatsAppTheatre } from './stage-whatsapp.ts';
import { XmppTheatre } from './stage-xmpp.ts';

/** The faults of one network, ready to be run. */
export interface Chapter {
  readonly network: string;
  readonly ids: readonly string[];
  /** One after the other, those that are wanted; each verdict as it is found. */
  run(isWanted: (id: string) => boolean, tell: (verdict: Verdict) => void): Promise<void>;
}

function chapter<S extends Stage>(network: string, faults: readonly Fault<S>[], build: () => Theatre<S>): Chapter {
  return {
    network,
    ids: faults.map(({ id }) => id),
    run: async (isWanted, tell) => {
      const wanted = faults.filter(({ id }) => isWanted(id));
      if (wanted.length === 0) return;
      const theatre = build();
      await theatre.start();
      try {
        for (const fault of wanted) {
          const stage = await theatre.stage();
          tell(judge(fault, await observe(stage, fault)));
          if (fault.spoils === true) theatre.spoil();
        }
      } finally {
        await theatre.stop();
      }
    },
  };
}

export const chapters: readonly Chapter[] = [
  chapter('whatsapp', whatsappFaults, () => new WhatsAppTheatre()),
  chapter('telegram on mtcute', mtcuteFaults, () => new TelegramTheatre('mtcute')),
  chapter('telegram on gramjs', gramjsFaults, () => new TelegramTheatre('gramjs')),
  chapter('telegram bot', botFaults, () => new BotTheatre()),
  chapter('xmpp', xmppFaults, () => new XmppTheatre()),
];

/** Labels that were wrong when they were written. */
export const labelChanges: readonly LabelChange[] = [];
