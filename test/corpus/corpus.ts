import type { Fault, LabelChange } from './fault.ts';
import { processFaults } from './faults-process.ts';
import { gramjsFaults, mtcuteFaults } from './faults-telegram.ts';
import { botFaults } from './faults-telegram-bot.ts';
import { whatsappFaults } from './faults-whatsapp.ts';
import { xmppFaults } from './faults-xmpp.ts';
import type { Verdict } from './judge.ts';
import { judge } from './judge.ts';
import { observe } from './observe.ts';
import type { Stage, Theatre } from './stage.ts';
import { BotTheatre } from './stage-bot.ts';
import { ProcessTheatre } from './stage-process.ts';
import { TelegramTheatre } from './stage-telegram.ts';
import { XmppTheatre } from './stage-xmpp.ts';

/** The faults of one network, ready to be run. */
export interface Chapter {
  readonly network: string;
  readonly ids: readonly string[];
  /** One after the other, those that are wanted; each verdict as it is found. `ends`: so many are looked at, where a fault does not say. */
  run(isWanted: (id: string) => boolean, tell: (verdict: Verdict) => void, ends?: number): Promise<void>;
}

function chapter<S extends Stage>(
  network: string,
  faults: readonly Fault<S>[],
  build: () => Theatre<S> | Promise<Theatre<S>>,
): Chapter {
  return {
    network,
    ids: faults.map(({ id }) => id),
    run: async (isWanted, tell, ends) => {
      const wanted = faults.filter(({ id }) => isWanted(id));
      if (wanted.length === 0) return;
      let theatre = await build();
      await theatre.start();
      try {
        for (const fault of wanted) {
          const stage = await theatre.stage();
          const patience = ends === undefined ? {} : { lastsEnds: ends };
          tell(judge(fault, await observe(stage, { ...patience, ...fault })));
          if (fault.spoils === 'account') theatre.spoil();
          if (fault.spoils !== 'network') continue;
          await theatre.stop();
          theatre = await build();
          await theatre.start();
        }
      } finally {
        await theatre.stop();
      }
    },
  };
}

/** The curve has to be in place before the library is read, and imports beside each other do not wait. */
async function openWhatsApp() {
  await import('../../connectors/whatsapp/curve-first.ts');
  const { WhatsAppTheatre } = await import('./stage-whatsapp.ts');
  return new WhatsAppTheatre();
}

export const chapters: readonly Chapter[] = [
  chapter('whatsapp', whatsappFaults, openWhatsApp),
  chapter('telegram on mtcute', mtcuteFaults, () => new TelegramTheatre('mtcute')),
  chapter('telegram on gramjs', gramjsFaults, () => new TelegramTheatre('gramjs')),
  chapter('telegram bot', botFaults, () => new BotTheatre()),
  chapter('xmpp', xmppFaults, () => new XmppTheatre()),
  chapter('process', processFaults, () => new ProcessTheatre()),
];

/** Labels that were wrong when they were written. */
export const labelChanges: readonly LabelChange[] = [
  {
    id: 'wa-failure-402',
    before: 'back a quarter of an hour after the ban is lifted',
    after: 'two hours',
    why: 'WhatsApp told no time, so nobody can know that it is over; who asks every hour asks often enough.',
  },
  {
    id: 'wa-only-the-second-accepted',
    before: 'client_outdated',
    after: 'client_outdated or network',
    why: 'The fault begins with a cut, which is told as what it is; the refusal comes at the login after it.',
  },
  {
    id: 'wa-tls-expected-plain-found, wa-tls-of-somebody-else',
    before: 'network, protocol_changed or unknown; may try other versions',
    after: 'network; may not',
    why: 'TLS is agreed on before the client says which one it is: no other one would be answered otherwise.',
  },
  {
    id: 'wa-upgrade-…, wa-name-that-nobody-has, …-nobody-listens',
    before: 'whether other versions are tried was not looked at',
    after: 'none may be tried',
    why: 'The network was not reached. It did try others, on an installation on which none had worked yet.',
  },
  {
    id: '…-refused-for-hours, and what else tries other versions for hours',
    before: 'back a quarter of an hour after the refusal is lifted',
    after: 'three quarters',
    why: 'After hours in which every version was refused, half an hour between two rounds is patience, no fault.',
  },
];
