import type { Explanation, Inquiry, Json, ListInquiries } from "@yardmaster/protocol";
import { keyHeader } from "../transport/idempotency-key.ts";
import { type Listing, listPages } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

export interface AnswerOptions extends CallOptions {
  /** The same key again gives the same answer; without one each call has its own, over lost connections. */
  readonly idempotencyKey?: string | undefined;
}

export interface InquiriesClient {
  /** Those asked last first. */
  list(filter?: Listing<ListInquiries>): AsyncGenerator<Inquiry, void, undefined>;
  /** With its answer, once there is one. */
  get(id: string, options?: CallOptions): Promise<Inquiry>;
  /** Who may answer it, until when and how; or how it ended. */
  explain(id: string, options?: CallOptions): Promise<Explanation>;
  /**
   * Answers a question with a map that fits its schema. Throws AppError `conflict` where it is not open any more,
   * `invalid_input` with each field that does not fit, `forbidden` where it is for others to answer.
   */
  answer(id: string, answer: Json, options?: AnswerOptions): Promise<Inquiry>;
}

export function createInquiriesClient(transport: Transport): InquiriesClient {
  const path = (id: string, part = "") => `/v1/inquiries/${encodeURIComponent(id)}${part}`;

  return {
    list: (filter = {}) => listPages(transport, "/v1/inquiries", filter),
    get: (id, { signal } = {}) => transport.json({ path: path(id), signal }),
    explain: (id, { signal } = {}) => transport.json({ path: path(id, "/explain"), signal }),
    answer: (id, answer, { idempotencyKey, signal } = {}) =>
      transport.json({
        ...{ method: "POST", path: path(id, "/answer"), body: { answer }, signal },
        headers: keyHeader(idempotencyKey),
      }),
  };
}
