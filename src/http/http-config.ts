/** What the HTTP server needs to know of the configuration; `server` of config.yaml has this shape. */
export interface HttpConfig {
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
  /** Paths of PEM files, read at `start()`. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly bodyLimitBytes: number;
  readonly maxConnections: number;
  readonly rateLimit: { readonly max: number; readonly windowSeconds: number };
  readonly metricsPublic: boolean;
  /** Largest upload; `media.maxBytes` of config.yaml. */
  readonly mediaLimitBytes: number;
  /** `log.level` of config.yaml; without it every request is told to the log. */
  readonly logLevel?: string | undefined;
  /** Shorter limits for tests. */
  readonly timeouts?: Partial<HttpTimeouts> | undefined;
}

export interface HttpTimeouts {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly idleSocketMs: number;
  readonly keepAliveMs: number;
  readonly checkMs: number;
  readonly heartbeatMs: number;
  readonly slowReaderMs: number;
}

export const httpTimeouts: HttpTimeouts = {
  /** Headers fit in one packet; ten seconds leave room for bad Wi-Fi and end a slowloris. */
  headersMs: 10_000,
  /** The whole request with its body: 100 MiB at 3 Mbit/s. */
  requestMs: 300_000,
  /** A socket on which nothing moves. Longer than the heartbeat of a stream. */
  idleSocketMs: 60_000,
  /** Longer than the 60 s of common proxies, so that the proxy closes first and never meets a closed socket. */
  keepAliveMs: 72_000,
  /** How often Node looks for sockets that are over their time. */
  checkMs: 5_000,
  /** Proxies cut streams that are silent for 30 to 60 s. */
  heartbeatMs: 15_000,
  /** A reader that takes nothing for so long is gone, or too slow to follow; it can resume from its cursor. */
  slowReaderMs: 30_000,
};

/** Streams hold a socket and a cursor each; more than this points to a client that opens and forgets. */
export const MAX_STREAMS = 256;
/** Requests under way get this long at `stop()`, then their sockets are cut. */
export const STOP_LIMIT_MS = 10_000;
