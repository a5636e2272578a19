import { z } from "zod";
import { jsonSchema } from "./values.ts";

const ref = z.string().describe("`<pack>.<name>`: what a run, a step or a rule calls it by.");
const schema = jsonSchema.describe("JSON Schema 2020-12.");

/** The smallest callable thing, as its pack defines it. */
export const actionSchema = z
  .object({
    ref,
    pack: z.string(),
    description: z.string().nullable(),
    runner: z.string().describe("What carries it out: process, http, core, …"),
    input_schema: schema,
    output_schema: schema.nullable(),
    timeout: z.string(),
    attempts: z.number().int().describe("Tries in all, unless a step says otherwise."),
    queue: z.string().nullable(),
    as_tool: z.boolean().describe("Whether it is a tool of its own for MCP clients."),
    pack_digest: z.string().nullable().describe("Null for what comes with Yardmaster."),
  })
  .meta({ id: "Action" });
export type Action = z.infer<typeof actionSchema>;

export const workflowSchema = z
  .object({
    ref,
    pack: z.string(),
    description: z.string().nullable(),
    input_schema: schema,
    steps: z.array(z.object({ id: z.string(), uses: z.string(), needs: z.array(z.string()) })),
    timeout: z.string().nullable(),
    as_tool: z.boolean().describe("Whether it is a tool of its own for MCP clients."),
    pack_digest: z.string().nullable(),
  })
  .meta({ id: "Workflow" });
export type Workflow = z.infer<typeof workflowSchema>;
