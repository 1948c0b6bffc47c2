import { forHours, named } from './fault.ts';
import { doorFaults } from './faults-door.ts';
import { whatsappLines } from './faults-whatsapp-lines.ts';
import { whatsappLogins } from './faults-whatsapp-logins.ts';
import { whatsappStreams } from './faults-whatsapp-streams.ts';
import type { WhatsAppFault } from './labels-whatsapp.ts';
import type { WhatsAppStage } from './stage-whatsapp.ts';

const passing: readonly WhatsAppFault[] = [
  ...whatsappLogins,
  ...whatsappStreams,
  ...whatsappLines,
  ...doorFaults<WhatsAppStage>('wa'),
];

export const whatsappFaults: readonly WhatsAppFault[] = [
  ...passing,
  ...named(
    passing,
    'wa-failure-503',
    'wa-failure-777',
    'wa-all-versions-refused',
    'wa-upgrade-403',
    'wa-nobody-listens',
    'wa-certificates-other_root',
  ).map((fault) => forHours(fault)),
];
