import type { IncomingHttpHeaders } from "node:http";
import { AppError, isAppError, type JsonObject } from "@yardmaster/protocol";
import { runOfTraceState } from "../../engine/index.ts";
import { type DeliveryKey, deliveryKey, sha256 } from "../deliveries/delivery.ts";
import { senderKey } from "../intake/found-delivery.ts";
import type { Arrival, Intake } from "../intake/intake.ts";
import type { SourceKind } from "../kinds/index.ts";
import type { InboxObserver } from "../observer.ts";
import { matchingSecret, refusalReason, type SigningSecret } from "../signatures/signature.ts";
import type { ActiveSource, SourceBook } from "../sources/source-book.ts";
import { BY_BOT, type IssueWatch, type WatchedAs } from "./issue-watch.ts";
import type { NoteRefusal } from "./refusals.ts";
import {
  readWebhookBody,
  type WebhookBody,
  type WebhookData,
  webhookBody,
} from "./webhook-body.ts";

export interface WebhookRequest {
  readonly source: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly traceparent?: string | undefined;
  /** Told the trace of the event that was made; not of a duplicate. */
  onMade?(traceparent: string): void;
}

export interface WebhookDeps {
  readonly book: SourceBook;
  readonly take: Intake;
  /** Of the definitions in memory; undefined when they must be read first. */
  readonly revision: () => number | undefined;
  readonly observer?: InboxObserver | undefined;
  readonly noteRefusal: NoteRefusal;
  readonly watch?: IssueWatch | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** The largest body (`YARD_MAX_WEBHOOK_BODY`). */
  readonly maxBodyBytes: number;
}

/** A body with the type of its event. */
type NamedData =
  | Extract<WebhookData, { ok: false }>
  | (Extract<WebhookData, { ok: true }> & { readonly type: string; readonly event: string });

/** Resolves with the reply's body when everything is durable. */
export type ReceiveWebhook = (request: WebhookRequest) => Promise<JsonObject>;

interface Verified {
  readonly source: ActiveSource;
  readonly kind: SourceKind;
  readonly secret: SigningSecret;
}

/**
 * Checks in this order: the source is known, size, signature, what it holds.
 * @throws AppError `unknown_source`, `too_large`, `invalid_signature`; and when the delivery is durable
 * `unsupported_media_type`, `invalid_json`, `invalid_request` (no name of the event).
 */
export function createWebhook({
  book,
  take,
  revision,
  observer,
  noteRefusal,
  watch,
  now,
  maxBodyBytes,
}: WebhookDeps): ReceiveWebhook {
  /** What memory does not know, or does not accept, may have been set a moment ago by another process. */
  async function verify(request: WebhookRequest, body: WebhookBody): Promise<Verified> {
    if (book.revision() === undefined || book.revision() !== revision()) await book.refresh();
    const verified = verifyOnce(request, body);
    if (verified !== undefined) return verified;
    await book.refresh();
    const again = verifyOnce(request, body);
    if (again !== undefined) return again;
    const source = book.find(request.source);
    if (source === undefined)
      throw new AppError("unknown_source", `There is no source ${request.source}.`);
    noteRefusal(source.name, reasonOf(source, request, body));
    throw new AppError("invalid_signature", "Invalid or missing signature");
  }

  function verifyOnce(
    { source: name, headers }: WebhookRequest,
    body: WebhookBody,
  ): Verified | undefined {
    const source = book.find(name);
    if (source?.kind === undefined) return undefined;
    const { kind, secrets } = source;
    const signed = signedBytes(kind, body);
    const secret = matchingSecret(kind.signature, secrets, headers, signed, now());
    return secret && { source, kind, secret };
  }

  function reasonOf(
    { kind, secrets, reason }: ActiveSource,
    { headers }: WebhookRequest,
    body: WebhookBody,
  ): string {
    if (kind === undefined || reason !== null) return reason ?? "its kind is not known";
    return refusalReason(kind.signature, secrets, headers, signedBytes(kind, body), now());
  }

  async function receive(request: WebhookRequest): Promise<JsonObject> {
    if (request.body.length > maxBodyBytes)
      throw new AppError(
        "too_large",
        `A webhook's body may have ${maxBodyBytes} bytes (YARD_MAX_WEBHOOK_BODY), this one has ${request.body.length}.`,
      );
    const body = webhookBody(request.headers["content-type"], request.body);
    const verified = await verify(request, body);
    const content = named(verified.kind, request.headers, readWebhookBody(body));
    const seen = content.ok
      ? await watch?.look({ ...content, source: verified.source.name })
      : undefined;
    const taken = await take({
      ...arrivalOf(request, verified, content, seen),
      recheck: async () => void (await verify(request, body)),
    });
    if (!content.ok)
      throw new AppError(content.code, `The delivery is refused: ${content.problem}.`);
    if (taken.traceparent !== undefined) request.onMade?.(taken.traceparent);
    observer?.webhook(verified.kind.name, taken.duplicate ? "duplicate" : "accepted");
    return {
      status: "success",
      ...verified.kind.replyFields(content.data),
      ...(taken.eventId === undefined ? {} : { event: taken.eventId }),
      type: content.type,
    };
  }

  return (request) =>
    receive(request).catch((error: unknown) => {
      const kind = book.find(request.source)?.kind?.name;
      observer?.webhook(kind, isAppError(error) ? error.code : "internal");
      throw error;
    });
}

function signedBytes(kind: SourceKind, { raw, text }: WebhookBody): Buffer {
  return kind.signedOfForm === "payload" ? text() : raw;
}

function arrivalOf(
  { headers, body, traceparent }: WebhookRequest,
  { source, kind, secret }: Verified,
  content: NamedData,
  seen: WatchedAs | undefined,
): Arrival {
  const senderId = kind.deliveryId(headers) ?? null;
  const bodySha256 = sha256(body);
  const arrival = {
    channel: "webhook",
    source: source.name,
    headers,
    body,
    bodySha256,
    verifiedBy: secret.label,
    senderId,
  } as const;
  if (!content.ok) return { ...arrival, keys: [], problem: content.problem, event: null };
  return {
    ...arrival,
    keys: [
      ...keysOf(kind, source.name, senderId, bodySha256),
      ...(seen?.foundAs ?? []).map((id) => senderKey(source.name, id)),
    ],
    problem: null,
    event: {
      type: content.type,
      source: source.name,
      subject: kind.subject(content.data),
      originId: senderId,
      dataschema: null,
      extensions: seen?.isByBot === true ? BY_BOT : null,
      traceparent,
      sentBy: runOfTraceState(headers["tracestate"]),
      data: content.data,
      dataText: content.text,
      isBody: content.isBody,
    },
  };
}

function named(kind: SourceKind, headers: IncomingHttpHeaders, content: WebhookData): NamedData {
  if (!content.ok) return content;
  const name = kind.eventName(headers, content.data);
  if (typeof name === "string") return { ...content, event: name, type: `${kind.name}.${name}` };
  return { ok: false, code: "invalid_request", problem: name.problem };
}

function keysOf(
  kind: SourceKind,
  source: string,
  senderId: string | null,
  bodySha256: Buffer,
): DeliveryKey[] {
  const id = senderId === null ? [] : [senderKey(source, senderId)];
  const windowMs = senderId === null ? kind.sameBodyMs.withoutId : kind.sameBodyMs.withId;
  if (windowMs === null) return id;
  return [...id, deliveryKey(windowMs, "body", source, bodySha256.toString("hex"))];
}
