import type { ChangeTask, CreateTask, Task } from "@yardmaster/protocol";
import { AppError, type JsonObject } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import type { Call } from "../command.ts";
import { parseAssignments, readJsonOption } from "../run-input.ts";

/** What the options of `yard tasks create`, `update` and `preview` say of a task. */
export interface SaidOptions {
  readonly title?: string;
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

/** What `--ends-at` takes to take an end away again. */
const NEVER = "never";

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
  const schedule = scheduleOf(options);
  if (schedule === undefined)
    throw new AppError(
      "invalid_request",
      "Say when, by one of --cron, --rrule, --every, --at and --manual",
    );
  if (options.run === undefined)
    throw new AppError("invalid_request", "Say what is started: --run PACK.NAME");
  return {
    title,
    ...schedule,
    payload: { workflow: options.run, input: await inputOf(words, options, io) },
    ...limitsOf(options),
  };
}

/** What is said of a task that there is; what is not said stays. @throws AppError `invalid_request` */
export async function saidChange(
  task: Task,
  words: readonly string[],
  { options, io }: Pick<Call<SaidOptions>, "options" | "io">,
): Promise<ChangeTask> {
  const isInputSaid = words.length > 0 || options.input !== undefined;
  const payload = {
    workflow: options.run ?? task.payload.workflow,
    input: isInputSaid ? await inputOf(words, options, io) : (task.payload.input ?? {}),
  };
  const change: ChangeTask = {
    ...given("title", options.title),
    ...scheduleOf(options),
    ...(isInputSaid || options.run !== undefined ? { payload } : {}),
    ...limitsOf(options),
    ...(options.endsAt === NEVER ? { ends_at: null } : {}),
  };
  if (Object.keys(change).length > 0) return change;
  throw new AppError(
    "invalid_request",
    "Say what is to change, such as --cron, --run or --title, or its input as key=value",
  );
}

/** @throws AppError `invalid_request` for two of them */
function scheduleOf(
  options: SaidOptions,
): Pick<CreateTask, "schedule_kind" | "schedule_expr"> | undefined {
  const forms = (Object.keys(KINDS) as (keyof typeof KINDS)[]).filter(
    (form) => options[form] !== undefined,
  );
  const [form] = forms;
  if (form === undefined) return undefined;
  if (forms.length > 1) {
    const both = forms.map((one) => `--${one}`).join(" and ");
    throw new AppError(
      "invalid_request",
      `Say when, by one of --cron, --rrule, --every, --at and --manual: ${both} were given`,
    );
  }
  const expr = form === "manual" ? "" : (options[form] as string);
  return { schedule_kind: KINDS[form], schedule_expr: expr };
}

function limitsOf(options: SaidOptions) {
  return {
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
