import type { RetryPlan, RetryRuns, Run } from "@yardmaster/protocol";
import { AppError, isAppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { Option } from "commander";
import { act, type Call, type Define } from "../command.ts";
import { printable } from "../output/printable.ts";
import { runLines } from "../output/run-lines.ts";
import { findEventId, findRunId } from "../short-id/find-id.ts";
import {
  FOLLOW_EXITS,
  type FollowOptions,
  followStarted,
  withFollowing,
} from "../watch/follow-started.ts";
import { timesOf, withTimes } from "./event-filter.ts";
import { positiveInteger } from "./limit-option.ts";

interface RetryOptions extends FollowOptions {
  readonly from?: string;
  readonly fromStart?: true;
  readonly latest?: true;
  readonly all?: true;
  readonly dryRun?: true;
  readonly status?: RetryRuns["status"];
  readonly ref?: string;
  readonly event?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
}

export const define: Define = (command, host) => {
  command
    .argument("[run]", "the ended run")
    .option(
      "--from <step>",
      "do this step, with all its items, and what comes after it again, whatever came of it",
    )
    .option("--from-start", "take nothing over")
    .option("--latest", "with the pack as it is now; nothing is taken over where that has changed");
  withFollowing(command, "the new run")
    .option("--all", "try again all runs that fit these filters:")
    .addOption(
      new Option("--status <status>", "how they ended (default: failed)").choices([
        "failed",
        "timed_out",
        "canceled",
      ]),
    )
    .option("--ref <ref>", "only runs of this action or workflow")
    .option("--event <id>", "only runs that this event started")
    .option("--limit <n>", "at most so many", positiveInteger)
    .option("--dry-run", "tell which, and do nothing")
    .addHelpText("after", `${HELP}\n${FOLLOW_EXITS}`);
  withTimes(command, "started");
  act<RetryOptions>(command, host, async (call) => {
    refuseMixed(call);
    return call.options.all === true ? await retryMany(call) : await retryOne(call);
  });
};

const HELP = `
The new run begins at what made the first one fail, on the same pack. It takes over the steps that succeeded, and those
that failed where the run went on (on_error: continue, or a step that handles it); of a for_each the items that
succeeded, where they are to do the same as before. What else is to be done again, --from names.
A step that is a run of its own and failed is done anew as a whole: of that run nothing is taken over.
--all leaves out runs that are steps of others: the new try of their parent does their work. It wants one of --ref,
--event, --since, --until and --limit, or --dry-run.`;

const FILTERS = ["status", "ref", "event", "since", "until", "limit"] as const;
const OF_ONE = ["from", "watch", "wait"] as const;
/** Without one of these --all would do the failed work of a month again. */
const BOUNDS = ["ref", "event", "since", "until", "limit"] as const;

/** What would be passed over would be done to other runs than were meant. */
function refuseMixed({ args: [run], options }: Call<RetryOptions>): void {
  const given = (names: readonly (keyof RetryOptions)[]) =>
    names.find((name) => options[name] !== undefined);
  const filter = given(FILTERS);
  const ofOne = given(OF_ONE);
  if (run !== undefined && options.all)
    throw new AppError("invalid_request", `Give either the run ${run} or --all, not both`);
  if (run !== undefined && filter !== undefined)
    throw new AppError(
      "invalid_request",
      `--${filter} chooses among all runs: say --all in place of ${run}, or leave --${filter} out`,
    );
  if (options.all && ofOne !== undefined)
    throw new AppError("invalid_request", `--${ofOne} goes with one run, not with --all`);
  if (options.all && !options.dryRun && given(BOUNDS) === undefined)
    throw new AppError(
      "invalid_request",
      "Say which of all: --since 2h, --ref, --event or --limit; --all --dry-run tells what there is",
    );
  if (run === undefined && !options.all)
    throw new AppError(
      "invalid_request",
      "name a run, or say --all with filters: see yard retry --help",
    );
}

async function retryOne(call: Call<RetryOptions>): Promise<number | undefined> {
  const { args, options, out } = call;
  const { from, fromStart, latest } = options;
  const how = {
    ...(from !== undefined && { from }),
    ...(fromStart && { from_start: true }),
    ...(latest && { latest: true }),
  };
  const client = await call.connect();
  const id = await findRunId(client, args[0] as string, call.io.now());
  if (options.dryRun) {
    const plan = await client.runs.planRetry(id, how);
    out.value(plan, () => out.lines(...planLines(plan)));
    return undefined;
  }
  const startedMs = call.io.now();
  const run = await client.runs.retry(id, how);
  const exitCode = await followStarted(call, { run, startedMs });
  if (exitCode !== undefined) return exitCode;
  out.value(run, () => out.lines(...runLines(run, out.paint).all));
  const tried = out.isJson ? undefined : await readable(client, id);
  if (tried !== undefined) out.lines(...notesOn(tried, options));
  return undefined;
}

/** Undefined where the token may start runs and not read them: the new one has been started all the same. */
async function readable(client: Client, run: string): Promise<Run | undefined> {
  try {
    return await client.runs.get(run);
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

function notesOn({ id, status, parent_id: parent }: Run, options: RetryOptions): string[] {
  const { from, fromStart, latest } = options;
  const isAllTaken = status === "success" && from === undefined && !fromStart && !latest;
  return [
    ...(isAllTaken
      ? [
          "Nothing had made it fail: all its results are taken over. To do work again: --from STEP, or --from-start",
        ]
      : []),
    ...(parent === null
      ? []
      : [
          `It is tried by itself: run ${parent}, whose step ${id} is, does not hear of it. To go on with that one: yard retry ${parent}`,
        ]),
  ];
}

function planLines({ id, ref, reused, reused_parts: parts }: RetryPlan): string[] {
  const named = [
    ...reused.map(printable),
    ...parts.map((part) => `${part.reused} of the ${part.of} of ${printable(part.step)}`),
  ];
  const taken = named.length === 0 ? "Nothing" : named.join(", ");
  return [`${id} ${printable(ref)} would be tried again.`, `${taken} would be taken over.`];
}

async function retryMany({ options, out, io, connect }: Call<RetryOptions>): Promise<number> {
  const { status, ref, event, since, until, limit, fromStart, latest, dryRun } = options;
  const client = await connect();
  const done = await client.runs.retryMany({
    all: true,
    ...(status !== undefined && { status }),
    ...(ref !== undefined && { ref }),
    ...(event !== undefined && { event: await findEventId(client, event, io.now()) }),
    ...timesOf({ since, until }, io.now()),
    ...(limit !== undefined && { limit }),
    ...(fromStart && { from_start: true }),
    ...(latest && { latest: true }),
    dry_run: dryRun === true,
  });
  out.value(done, () => {
    for (const { id, ref: of, retry_id } of done.retried)
      out.lines(`${id} ${printable(of)}${retry_id === null ? "" : ` -> ${retry_id}`}`);
    for (const { id, ref: of, message } of done.refused)
      out.lines(`${id} ${printable(of)} ${out.paint.bad(printable(message))}`);
    const verb = done.dry_run ? "would be tried again" : "tried again";
    out.lines(
      `${done.retried.length} ${verb}, ${done.refused.length} refused${done.more ? "; more fit: ask again" : ""}.`,
    );
  });
  return done.refused.length > 0 ? 1 : 0;
}
