import { CLOSE } from "./close-codes.ts";

/**
 * The one registry of application errors on the wire: reason → code. Match on the reason
 * first: 2005 stays unused, since one older server swaps it with 2004.
 */
export const REASON_CODES = {
  ok: 1000,
  path_not_allowed: 2001,
  file_not_found: 2002,
  file_too_large: 2003,
  io_error: 2004,
  file_exists: 2006,
  hash_mismatch: 2007,
  is_folder: 2008,
  exec_timeout: 3001,
  exec_failed: 3002,
  exec_canceled: 3003,
  session_reset: 3004,
  cwd_rejected: 3005,
  bad_request: 4000,
  unsupported: 4014,
  busy: 4015,
  internal_error: 5000,
  unknown_message: 5001,
} as const;

export type Reason = keyof typeof REASON_CODES;

export function isReason(text: string): text is Reason {
  return Object.hasOwn(REASON_CODES, text);
}

/** The reason that a peer means: its text where we know it, else what its number stands for. */
export function reasonOf(text: string | undefined, code?: number): Reason | undefined {
  if (text !== undefined && isReason(text)) return text;
  const known = Object.entries(REASON_CODES).find(([, number]) => number === code);
  return known?.[0] as Reason | undefined;
}

/** Why a handshake is refused: reason → the close code that follows, which is also the frame's `code`. */
export const HANDSHAKE_REASONS = {
  handshake_timeout: CLOSE.handshake_timeout,
  expected_hello: CLOSE.bad_handshake,
  bad_hello: CLOSE.bad_handshake,
  unsupported_protocol_version: CLOSE.bad_version,
  expected_auth: CLOSE.bad_handshake,
  unknown_node: CLOSE.auth_failed,
  invalid_token: CLOSE.auth_failed,
  revoked: CLOSE.auth_failed,
  e2e_required: CLOSE.auth_failed,
  name_conflict: CLOSE.name_conflict,
  rate_limit_exceeded: CLOSE.rate_limit,
} as const;

export type HandshakeReason = keyof typeof HANDSHAKE_REASONS;

/** Why one side says goodbye. The first four are the base protocol's, `restart` and `upgrade` ours. */
export const BYE_REASONS = [
  "node_shutdown",
  "server_shutdown",
  "revoked",
  "rotate_token",
  "restart",
  "upgrade",
] as const;
export type ByeReason = (typeof BYE_REASONS)[number];

/** Why a session is not taken up again. */
export const RESUME_REASONS = ["expired", "unknown", "superseded"] as const;
export type ResumeReason = (typeof RESUME_REASONS)[number];
