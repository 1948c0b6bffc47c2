import type { Fault } from './fault.ts';
import { stops } from './fault.ts';
import type { WhatsAppStage } from './stage-whatsapp.ts';

export type WhatsAppFault = Fault<WhatsAppStage>;

export const WHATSMEOW = 'whatsmeow types/events ConnectFailureReason and connectionevents.go';
export const REFERENCE = 'reference of the protocol, 3. How a connection ends';
export const LIBRARY = 'Baileys DisconnectReason';
export const HOUR_S = 3_600;
export const HOUR_MS = 3_600_000;

export const banned = stops(['banned', 'logged_out'], 'open_app', 'relink');
export const unlinked = stops(['logged_out'], 'relink');
