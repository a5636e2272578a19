import { messageOf } from "../../config/owner-only.ts";

/** The one sentence: what, on which way, and why. */
export function unreachable(url: URL, proxy: URL | undefined, why: string): string {
  const through = proxy === undefined ? "" : ` through the proxy ${proxy.host}`;
  return `${url.origin} cannot be reached${through}: ${why}`;
}

/** Why a server was not reached, and what its owner can do about it; the system's code stays, to search for. */
export function unreachableReason(url: URL, cause: unknown): string {
  const error = (cause instanceof Error ? cause : {}) as SystemError;
  const wayOut = WAYS_OUT[error.code ?? ""];
  return wayOut === undefined ? messageOf(cause).trim() : `${wayOut(url, error)} (${error.code})`;
}

/** What the system says of whom it tried: a proxy, where there is one. */
interface SystemError {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

const WAYS_OUT: {
  readonly [code: string]: ((url: URL, error: SystemError) => string) | undefined;
} = {
  ECONNREFUSED: ({ host }, { address, port }) =>
    `nothing listens on ${address === undefined ? host : `${address} port ${port}`}; start it, or correct the address`,
  ENOTFOUND: (url, { hostname = url.hostname }) =>
    `no machine is called ${hostname}; correct the address`,
  ERR_SSL_WRONG_VERSION_NUMBER: ({ protocol, host }) =>
    `what answers there speaks no TLS; write ${protocol === "wss:" ? "ws" : "http"}://${host}, or let it serve TLS`,
};
