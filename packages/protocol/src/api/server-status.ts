import { z } from "zod";
import { auditFileSchema } from "./audit.ts";
import { idSchema, timeSchema } from "./values.ts";

/** A living process of the installation. */
export const sessionSchema = z
  .object({
    id: idSchema,
    host: z.string(),
    pid: z.number().int(),
    roles: z.array(z.string()),
    version: z.string().nullable().describe("Null: of a build that does not say it."),
    created_at: timeSchema,
    expires_at: timeSchema,
    /** Attempts that it holds now. */
    leased: z.number().int(),
    resting: z
      .string()
      .nullable()
      .describe(
        "Why its worker takes no processes, or one at a time: it could not begin the last one. Null: it takes all it has room for.",
      ),
  })
  .meta({ id: "Session" });

/** A lane of admission; the lane without a name is `""`. */
export const queueDepthSchema = z
  .object({
    queue: z.string(),
    ready: z.number().int(),
    delayed: z.number().int(),
    leased: z.number().int(),
  })
  .meta({ id: "QueueDepth" });

export const serverStatusSchema = z
  .object({
    version: z.string(),
    started_at: timeSchema,
    roles: z.array(z.string()),
    database: z.object({
      mode: z.enum(["embedded", "external"]),
      version: z.string(),
      place: z.string(),
    }),
    sessions: z.array(sessionSchema),
    queues: z.array(queueDepthSchema),
    audit: auditFileSchema.optional().describe("Left out by servers without nodes."),
  })
  .meta({ id: "ServerStatus" });
export type ServerStatus = z.infer<typeof serverStatusSchema>;
export type SessionStatus = z.infer<typeof sessionSchema>;
export type QueueDepth = z.infer<typeof queueDepthSchema>;

/** `/healthz`: the process is alive. `/readyz`: it can serve, or (503) `reason` says what is missing. */
export const healthSchema = z.object({ status: z.literal("ok") }).meta({ id: "Health" });
export const readinessSchema = z
  .object({ status: z.enum(["ready", "unready"]), reason: z.string().nullable() })
  .meta({ id: "Readiness" });
export type Readiness = z.infer<typeof readinessSchema>;
