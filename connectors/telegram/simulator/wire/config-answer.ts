import type { TlObject } from '../../tl.ts';

const CONFIG_LIFE_S = 3600;

/** A data centre and where it listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly dcId: number;
}

/** The answer of `help.getConfig`: where the data centres are, and the limits that clients heed. */
export function configAnswer(endpoints: readonly Endpoint[], thisDc: number, nowS: number): TlObject {
  return {
    _: 'config',
    date: nowS,
    expires: nowS + CONFIG_LIFE_S,
    testMode: false,
    thisDc,
    dcOptions: endpoints.map(({ host, port, dcId }) => ({ _: 'dcOption', id: dcId, ipAddress: host, port })),
    dcTxtDomainName: 'localhost',
    chatSizeMax: 200,
    megagroupSizeMax: 200_000,
    forwardedCountMax: 100,
    onlineUpdatePeriodMs: 210_000,
    offlineBlurTimeoutMs: 5000,
    offlineIdleTimeoutMs: 30_000,
    onlineCloudTimeoutMs: 300_000,
    notifyCloudDelayMs: 30_000,
    notifyDefaultDelayMs: 1500,
    pushChatPeriodMs: 60_000,
    pushChatLimit: 2,
    editTimeLimit: 172_800,
    revokeTimeLimit: 2_147_483_647,
    revokePmTimeLimit: 2_147_483_647,
    ratingEDecay: 2_419_200,
    stickersRecentLimit: 200,
    channelsReadMediaPeriod: 604_800,
    callReceiveTimeoutMs: 20_000,
    callRingTimeoutMs: 90_000,
    callConnectTimeoutMs: 30_000,
    callPacketTimeoutMs: 10_000,
    meUrlPrefix: 'https://t.me/',
    captionLengthMax: 1024,
    messageLengthMax: 4096,
    webfileDcId: thisDc,
  };
}
