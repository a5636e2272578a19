import { z } from "zod";
import { INQUIRY_STATUSES } from "../status.ts";
import { idSchema, jsonSchema, pageFields, timeSchema } from "./values.ts";

/** A question to a person, for which a step of a run waits. */
export const inquirySchema = z
  .object({
    id: idSchema,
    status: z.enum(INQUIRY_STATUSES),
    run_id: idSchema,
    ref: z.string().nullable().describe("What its run is a run of."),
    step: z.string().describe("The step that asks, with its item or round: `approve`, `each#3`."),
    index: z.number().int().nullable().describe("The item or round, from 0, where it is of one."),
    attempt: z.number().int(),
    about: z
      .enum(["step", "lost"])
      .describe("step: `core.ask`. lost: what to do about an attempt whose worker died."),
    title: z.string().nullable(),
    prompt: z.string(),
    schema: jsonSchema.describe("JSON Schema of the answer, a map."),
    default: jsonSchema.optional().describe("The answer when nobody answers in time."),
    assigned_to: z
      .array(z.string())
      .nullable()
      .describe("Names of the tokens that may answer; null: every one with `inquiries:answer`."),
    asked_at: timeSchema,
    expires_at: timeSchema.nullable(),
    ended_at: timeSchema.nullable(),
    answer: jsonSchema,
    answered_by: z.string().nullable().describe("`token:<name>`."),
    answered_at: timeSchema.nullable(),
  })
  .meta({ id: "Inquiry" });
export type Inquiry = z.infer<typeof inquirySchema>;

/** Query of `GET /v1/inquiries`; those that were asked last come first. */
export const listInquiriesSchema = z.strictObject({
  ...pageFields,
  status: z.enum(INQUIRY_STATUSES).optional(),
  run: idSchema.optional().describe("Only questions of this run."),
  assigned_to: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .describe("Only questions that are assigned to the token of this name."),
});
export type ListInquiries = z.input<typeof listInquiriesSchema>;

/** Body of `POST /v1/inquiries/{id}/answer`. */
export const answerInquirySchema = z
  .strictObject({ answer: jsonSchema.describe("A map that fits the schema of the question.") })
  .refine(({ answer }) => answer !== undefined, {
    path: ["answer"],
    message: "answer is required",
  })
  .meta({ id: "AnswerInquiry" });
export type AnswerInquiry = z.infer<typeof answerInquirySchema>;
