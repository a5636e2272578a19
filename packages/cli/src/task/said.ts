import type { CreateTask } from "@yardmaster/protocol";
import { AppError, type JsonObject } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import type { Call } from "../command.ts";
import { parseAssignments, readJsonOption } from "../run-input.ts";

/** What the options of `yard tasks create` and `preview` say of a task. */
export interface SaidOptions {
  readonly run?: string;
  readonly cron?: string;
  readonly rrule?: string;
  readonly every?: string;
  readonly at?: string;
  readonly manual?: true;
  readonly timezone?: string;
  readonly dtstart?: string;
  readonly endsAt?: string;
  readonly dstGap?: "shift" | "skip";
  readonly dstOverlap?: "first" | "second" | "both";
  readonly misfire?: "run_once" | "skip" | "run_all";
  readonly misfireGrace?: string;
  readonly catchupLimit?: string;
  readonly allowPast?: true;
  readonly description?: string;
  readonly input?: string;
}

const KINDS = {
  cron: "cron",
  rrule: "rrule",
  every: "interval",
  at: "once",
  manual: "manual",
} as const;

export function takesSaid(command: Command): Command {
  return command
    .option("--run <ref>", "the workflow or action that is started")
    .option("--cron <expression>", "minute hour day month weekday; six fields: seconds first")
    .option("--rrule <rule>", "a recurrence rule of RFC 5545")
    .option("--every <duration>", "so long from one to the next: 90s, 1h30m")
    .option("--at <time>", "once, at this time; without an offset a time of the zone")
    .option("--manual", "at no time: it runs when somebody has it run")
    .option("--timezone <name>", "the zone whose clock it goes by; UTC without it")
    .option("--dtstart <time>", "where its series begins; now without it")
    .option("--ends-at <time>", "nothing happens behind it")
    .option("--dst-gap <policy>", "shift or skip: what of a time that the clock leaves out")
    .option("--dst-overlap <policy>", "first, second or both, where it shows a time twice")
    .option("--misfire <policy>", "run_once, skip or run_all: what of fires that were missed")
    .option(
      "--misfire-grace <seconds>",
      "one that is not later than this is not missed; at least 1",
    )
    .option("--catchup-limit <runs>", "runs that run_all makes up for at most")
    .option("--allow-past", "with --at: a time that has passed is due at once")
    .option("--description <text>", "what it is for")
    .option("--input <json>", "its input: JSON, @file or @-; texts take ${{ event.data.… }}");
}

/** The task that was said. @throws AppError `invalid_request` */
export async function saidTask(
  title: string,
  words: readonly string[],
  { options, io }: Pick<Call<SaidOptions>, "options" | "io">,
): Promise<CreateTask> {
  const forms = (Object.keys(KINDS) as (keyof typeof KINDS)[]).filter(
    (form) => options[form] !== undefined,
  );
  const [form] = forms;
  if (form === undefined || forms.length > 1) {
    const given = forms.map((one) => `--${one}`).join(" and ");
    const both = forms.length > 1 ? `: ${given} were given` : "";
    throw new AppError(
      "invalid_request",
      `Say when, by one of --cron, --rrule, --every, --at and --manual${both}`,
    );
  }
  if (options.run === undefined)
    throw new AppError("invalid_request", "Say what is started: --run PACK.NAME");
  const expr = form === "manual" ? "" : (options[form] as string);
  return {
    title,
    schedule_kind: KINDS[form],
    schedule_expr: expr,
    payload: { workflow: options.run, input: await inputOf(words, options, io) },
    ...given("timezone", options.timezone),
    ...given("dtstart", options.dtstart),
    ...given("ends_at", options.endsAt),
    ...given("dst_gap", options.dstGap),
    ...given("dst_overlap", options.dstOverlap),
    ...given("misfire_policy", options.misfire),
    ...given("misfire_grace_seconds", wholeNumber("--misfire-grace", options.misfireGrace)),
    ...given("catchup_limit", wholeNumber("--catchup-limit", options.catchupLimit)),
    ...given("allow_past", options.allowPast),
    ...given("description", options.description),
  };
}

async function inputOf(
  words: readonly string[],
  { input }: SaidOptions,
  io: Call<SaidOptions>["io"],
): Promise<JsonObject> {
  if (input === undefined) return parseAssignments(words);
  if (words.length > 0)
    throw new AppError("invalid_request", "Give the input by --input or as key=value, not both");
  return (await readJsonOption("--input", input, io)) as JsonObject;
}

function given<Name extends string, Value>(name: Name, value: Value | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { readonly [name in Name]?: Value };
}

/** @throws AppError `invalid_request` */
export function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new AppError("invalid_request", `${name} takes a whole number, not "${text}"`);
}
