/** A client version as the channel writes it, e.g. `2.3000.1043857760`. Opaque to the daemon, comparable by its connector. */
export type ClientVersion = string;
