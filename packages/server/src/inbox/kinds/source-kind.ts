import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "@yardmaster/protocol";
import type { SignatureScheme } from "../signatures/signature.ts";

/** What is particular to the senders of one kind: how they sign, name and number what they send. */
export interface SourceKind {
  readonly name: string;
  readonly signature: SignatureScheme;
  /** What the signature of a form covers: the body as it came, or the decoded text of its field `payload`. */
  readonly signedOfForm: "body" | "payload";
  /** The sender's id of a delivery. */
  deliveryId(headers: IncomingHttpHeaders): string | undefined;
  /**
   * How long the same body is a duplicate: under a new delivery id (a redelivery), and without any id. Null where
   * equal bodies are facts of their own.
   */
  readonly sameBodyMs: { readonly withId: number | null; readonly withoutId: number | null };
  /** Name of the event in the sender's own words, `issue_assign`; or what keeps it from being known. */
  eventName(headers: IncomingHttpHeaders, body: JsonObject): string | { readonly problem: string };
  /** What the event is about: `mosaic/stack#161`. */
  subject(body: JsonObject): string | null;
  /** Fields that this kind's senders expect in the reply, after `status`. */
  replyFields(body: JsonObject): JsonObject;
}
