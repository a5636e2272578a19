interface CloseKind {
  readonly code: number;
  readonly meaning: string;
  /** Whether our client stops for good instead of dialling again. */
  readonly terminal: boolean;
}

/** The one registry of WebSocket close codes between server and node. */
export const CLOSE_KINDS = {
  normal: { code: 1000, meaning: "normal, after bye", terminal: false },
  too_big: { code: 1009, meaning: "message too big", terminal: false },
  server_fault: { code: 1011, meaning: "server fault", terminal: false },
  auth_failed: { code: 4001, meaning: "authentication failed", terminal: false },
  bad_version: { code: 4002, meaning: "protocol version", terminal: true },
  bad_handshake: { code: 4003, meaning: "out of order or malformed handshake", terminal: false },
  rate_limit: { code: 4004, meaning: "rate limit", terminal: false },
  server_shutdown: {
    code: 4005,
    meaning: "server shutting down without drain",
    terminal: false,
  },
  revoked: { code: 4006, meaning: "token revoked during a session", terminal: true },
  superseded: { code: 4007, meaning: "superseded by a newer session", terminal: false },
  bad_frames: { code: 4008, meaning: "too many bad frames", terminal: false },
  handshake_timeout: { code: 4009, meaning: "handshake timeout", terminal: false },
  stale: { code: 4010, meaning: "stale: nothing received", terminal: false },
  name_conflict: {
    code: 4011,
    meaning: "name conflict: two machines share one token",
    terminal: true,
  },
} as const satisfies Record<string, CloseKind>;

export type CloseName = keyof typeof CLOSE_KINDS;

type CloseCodes = { readonly [Name in CloseName]: (typeof CLOSE_KINDS)[Name]["code"] };

/** The codes alone: `socket.close(CLOSE.revoked)`. */
export const CLOSE = Object.fromEntries(
  Object.entries(CLOSE_KINDS).map(([name, kind]) => [name, kind.code]),
) as CloseCodes;

/** What a close code is called here, or undefined for one that is not ours (1006, another server's). */
export function closeName(code: number): CloseName | undefined {
  const names = Object.keys(CLOSE_KINDS) as CloseName[];
  return names.find((name) => CLOSE_KINDS[name].code === code);
}
