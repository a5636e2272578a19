import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "@yardmaster/protocol";

/** What is particular to the senders of one kind: how they sign, name and number what they send. */
export interface SourceKind {
  readonly name: string;
  /** Headers that may carry the signature; the first that is there decides, empty or not. */
  readonly signatureHeaders: readonly SignatureHeader[];
  /** The sender's id of a delivery. */
  deliveryId(headers: IncomingHttpHeaders): string | undefined;
  /** How long the same body is a duplicate: under a new delivery id (a redelivery), and without any id. */
  readonly sameBodyMs: { readonly withId: number; readonly withoutId: number };
  /** Name of the event in the sender's own words: `issue_assign`. */
  eventName(headers: IncomingHttpHeaders, body: JsonObject): string;
  /** What the event is about: `mosaic/stack#161`. */
  subject(body: JsonObject): string | null;
  /** Fields that this kind's senders expect in the reply, after `status`. */
  replyFields(body: JsonObject): JsonObject;
}

export interface SignatureHeader {
  /** In lower case. */
  readonly name: string;
  /** What stands before the hex digest. */
  readonly prefix: string;
}
