import type { KeyObject } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** A secret that signatures are checked with. `label` says in the record which one matched. */
export interface SigningSecret {
  readonly label: string;
  readonly key: KeyObject;
  /** Unix milliseconds from which it is refused; undefined for the current one. */
  readonly retiresAtMs: number | undefined;
}

/** How the senders of one kind sign what they send. */
export interface SignatureScheme {
  /** The key that a secret's text stands for, or what keeps it from being one. */
  readKey(text: string): KeyObject | { readonly problem: string };
  /** The check of a request against a key; undefined where its headers hold nothing that could be good. */
  read(
    headers: IncomingHttpHeaders,
    signed: Buffer,
    nowMs: number,
  ): ((key: KeyObject) => boolean) | undefined;
  /** Why `read` gave nothing: told to the owner alone. Holds no text of the sender's. */
  flawOf(headers: IncomingHttpHeaders, nowMs: number): string;
}

/**
 * The secret under which the bytes were signed, or undefined. An empty, missing or malformed signature fails, and so
 * does everything where no secret is set.
 */
export function matchingSecret(
  scheme: SignatureScheme,
  secrets: readonly SigningSecret[],
  headers: IncomingHttpHeaders,
  signed: Buffer,
  nowMs: number,
): SigningSecret | undefined {
  const isSignedWith = scheme.read(headers, signed, nowMs);
  if (isSignedWith === undefined) return undefined;
  return secrets.find(
    ({ key, retiresAtMs }) =>
      (retiresAtMs === undefined || retiresAtMs > nowMs) && isSignedWith(key),
  );
}

/** Why no secret matched, for the owner of the source; whoever sent it is not told. */
export function refusalReason(
  scheme: SignatureScheme,
  secrets: readonly SigningSecret[],
  headers: IncomingHttpHeaders,
  signed: Buffer,
  nowMs: number,
): string {
  const isSignedWith = scheme.read(headers, signed, nowMs);
  if (isSignedWith === undefined) return scheme.flawOf(headers, nowMs);
  return secrets.some(({ key }) => isSignedWith(key))
    ? "it is signed with the secret before the last rotation, whose time is over"
    : "its signature is of another secret, or of another body";
}
