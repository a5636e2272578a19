import { z } from "zod";
import { parseDuration } from "../text/duration.ts";
import { checkSchema } from "./doctor.ts";
import { secretNameSchema } from "./secrets.ts";
import { idSchema, nameSchema, timeSchema } from "./values.ts";

export const TRACKER_KINDS = ["gitea", "forgejo", "github"] as const;
export type TrackerKind = (typeof TRACKER_KINDS)[number];

export const MIN_POLL_MS = 10_000;
export const MAX_POLL_MS = 86_400_000;

const PROJECT = /^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/;

/** `owner/repo`: it stands in the paths of the tracker's API. */
export const projectSchema = z
  .string()
  .regex(PROJECT, "must be owner/repo")
  .refine(
    (text) => !text.split("/").some((part) => part === "." || part === ".."),
    "must be owner/repo",
  );

const tokenSchema = z
  .union(
    [
      z.strictObject({ value: z.string().regex(/^[\x21-\x7e]{1,1000}$/, "is no token") }),
      z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/) }),
      z.strictObject({ file: z.string().min(1).max(1000) }),
      z.strictObject({ secret: secretNameSchema }),
    ],
    "must be one of { value: TOKEN }, { secret: NAME }, { env: NAME } and { file: PATH }",
  )
  .describe(
    "`value` is sealed and never shown again; the others say where it is kept, and need the scope admin.",
  );

const fields = {
  url: z
    .url({ protocol: /^https?$/, error: "must be an address such as https://gitea.example/api/v1" })
    .max(500)
    .refine(
      (text) => URL.canParse(text) && new URL(text).username === "" && !/[?#]/.test(text),
      "must have no user, query and fragment",
    )
    .describe("Base of its API. GitHub's own is the default of the kind github."),
  token: tokenSchema,
  source: nameSchema.describe("The source that its webhooks come to; of the same kind."),
  projects: z
    .array(projectSchema)
    .min(1)
    .max(100)
    .refine(
      (all) => new Set(all.map((one) => one.toLowerCase())).size === all.length,
      "names a project twice",
    ),
  bot: z
    .string()
    .regex(/^[A-Za-z0-9_.[\]-]{1,100}$/, "must be the login of an account")
    .nullable()
    .describe("Login of the account that the token is of: issues are assigned to it."),
  poll_interval: z
    .string()
    .refine((text) => {
      const ms = parseDuration(text);
      return ms !== undefined && ms >= MIN_POLL_MS && ms <= MAX_POLL_MS;
    }, "must be a duration of 10s to 24h")
    .describe("How often it is asked what has changed: 10s to 24h."),
  enabled: z.boolean().describe("False: it is paused, and not asked for changes."),
};

/** Body of `POST /v1/trackers`. */
export const createTrackerSchema = z
  .strictObject({
    name: nameSchema,
    kind: z.enum(TRACKER_KINDS),
    url: fields.url.optional(),
    token: fields.token,
    source: fields.source,
    projects: fields.projects,
    bot: fields.bot.default(null),
    poll_interval: fields.poll_interval.default("5m"),
    enabled: fields.enabled.default(true),
  })
  .meta({ id: "CreateTracker" });
export type CreateTracker = z.input<typeof createTrackerSchema>;
export type CreatedTracker = z.output<typeof createTrackerSchema>;

/** Body of `PATCH /v1/trackers/{name}`: what is left out stays. */
export const changeTrackerSchema = z
  .strictObject({
    url: fields.url.optional().describe("Another address takes the token with it: say it again."),
    token: fields.token.optional(),
    source: fields.source.optional(),
    projects: fields.projects.optional(),
    bot: fields.bot.optional(),
    poll_interval: fields.poll_interval.optional(),
    enabled: fields.enabled.optional(),
  })
  .meta({ id: "ChangeTracker" });
export type ChangeTracker = z.infer<typeof changeTrackerSchema>;

/** What a project was asked, and what that has shown. */
export const trackerProjectSchema = z.object({
  project: z.string(),
  since: timeSchema
    .nullable()
    .describe("Changes since then are known; nothing before it was told. Null: not read yet."),
  polled_at: timeSchema.nullable().describe("When all of it was last read."),
  problem: z.string().nullable().describe("Why it could not be read, the last time."),
  heard: z.number().int().describe("Changes that webhooks had told."),
  lost: z
    .number()
    .int()
    .describe("That none has told, of the last 30 days: found, and brought in."),
  delayed: z.number().int().describe("That were found, and whose webhooks came after all."),
  last_found_at: timeSchema.nullable(),
  malformed: z.number().int().describe("Entries of its lists that are no issues."),
});

export const trackerSchema = z
  .object({
    id: idSchema,
    name: z.string(),
    kind: z.enum(TRACKER_KINDS),
    url: z.string(),
    token: z
      .string()
      .describe("Where it is kept: `sealed`, `secret:NAME`, `env:NAME`, `file:PATH`."),
    source: z.string(),
    projects: z.array(z.string()),
    bot: z.string().nullable(),
    poll_interval: z.string(),
    enabled: z.boolean(),
    status: z.enum(["active", "paused", "unready"]),
    reason: z.string().nullable().describe("Why it is not active."),
    paused_by: z.string().nullable(),
    polled_at: timeSchema.nullable(),
    next_poll_at: timeSchema.nullable().describe("Null while it is paused."),
    polled: z
      .array(trackerProjectSchema)
      .describe("What its projects were asked, and what came of it."),
    created_at: timeSchema,
    created_by: z.string(),
    updated_at: timeSchema,
    updated_by: z.string(),
  })
  .meta({ id: "Tracker" });
export type Tracker = z.infer<typeof trackerSchema>;

/** What was found when a tracker was reached with its token. */
export const trackerCheckupSchema = z
  .object({
    tracker: z.string(),
    status: z.enum(["ok", "warn", "bad"]).describe("The worst of all."),
    checked_at: timeSchema,
    checks: z.array(checkSchema),
  })
  .meta({ id: "TrackerCheckup" });
export type TrackerCheckup = z.infer<typeof trackerCheckupSchema>;
