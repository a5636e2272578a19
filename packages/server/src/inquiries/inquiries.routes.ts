import {
  answerInquirySchema,
  explanationSchema,
  idSchema,
  inquirySchema,
  listInquiriesSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import { pageReply } from "../paging/index.ts";
import type { Inquiries } from "./inquiries.ts";

const params = z.strictObject({ id: idSchema });
type One = { params: typeof params };

/** `/v1/inquiries`. */
export function inquiryRoutes(inquiries: Inquiries): Route[] {
  const list: Route<{ query: typeof listInquiriesSchema }> = {
    method: "GET",
    path: "/v1/inquiries",
    summary: "Lists the questions that runs ask, those asked last first.",
    scope: "inquiries:read",
    query: listInquiriesSchema,
    responses: {
      200: { description: "A page of inquiries, newest first", schema: z.array(inquirySchema) },
    },
    handler: async ({ query, url }) => pageReply(await inquiries.list(query), url),
  };

  const get: Route<One> = {
    method: "GET",
    path: "/v1/inquiries/{id}",
    summary: "Shows a question, and its answer once there is one.",
    scope: "inquiries:read",
    params,
    responses: { 200: { description: "The inquiry", schema: inquirySchema } },
    handler: async ({ params: { id } }) => ({ body: await inquiries.get(id) }),
  };

  const explain: Route<One> = {
    method: "GET",
    path: "/v1/inquiries/{id}/explain",
    summary: "Says who may answer a question, until when and how, or how it ended.",
    scope: "inquiries:read",
    params,
    responses: { 200: { description: "The explanation", schema: explanationSchema } },
    handler: async ({ params: { id } }) => ({ body: await inquiries.explain(id) }),
  };

  const answer: Route<One & { body: typeof answerInquirySchema }> = {
    method: "POST",
    path: "/v1/inquiries/{id}/answer",
    summary: "Answers a question; its run goes on with that at once.",
    description:
      "The first answer counts: a second gets 409 `conflict` with who answered when, as does one that comes after the timeout of the question or the cancel of its run. An answer that does not fit the schema gets 422 with every field in `errors`. A question that is assigned to tokens is answered by those alone (403).\n\nThe answer is durable when it is acknowledged, with its line in the audit.",
    scope: "inquiries:answer",
    idempotency: "repeatable",
    params,
    body: answerInquirySchema,
    responses: { 200: { description: "The inquiry as it is now", schema: inquirySchema } },
    handler: async ({ params: { id }, body, principal, claimId }) => ({
      body: await inquiries.answer(id, body.answer, { name: principal.name, claimId }),
    }),
  };

  return [list, get, explain, answer];
}
