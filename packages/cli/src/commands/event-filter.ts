import type { EventOutcome, ListEvents } from "@yardmaster/protocol";
import { AppError, parseDuration } from "@yardmaster/protocol/core";
import { type Command, InvalidArgumentError } from "commander";

/** Which events are meant, as options; times as they were written. */
export type FilterOptions = Pick<
  ListEvents,
  "type" | "source" | "subject" | "since" | "until" | "trace"
>;

export const OUTCOMES = [
  "matched",
  "not_matched",
  "held",
  "error",
  "unheard",
] as const satisfies readonly EventOutcome[];

/** The filter of events that lists, replays and tests share. */
export function withEventFilter(command: Command): Command {
  return withTimes(command)
    .option("--type <type>", "only this type; gitea.* is all of a kind")
    .option("--source <source>", "only from this source")
    .option("--subject <subject>", "only about this subject")
    .option("--trace <id>", "only of this trace");
}

/** `--since` and `--until`, of what the verb says. */
export function withTimes(command: Command, verb = "arrived"): Command {
  return command
    .option("--since <time>", `${verb} since: 7d, 2h30m, or 2026-01-31T12:00:00Z`, timeText)
    .option("--until <time>", `${verb} before: the same`, timeText);
}

/** The filter among a command's options, its times as RFC 3339. */
export function filterOf(options: FilterOptions, nowMs: number): FilterOptions {
  const { type, source, subject, trace } = options;
  return { type, source, subject, trace, ...timesOf(options, nowMs) };
}

/** Both times as RFC 3339. @throws AppError `invalid_request` where nothing can lie between them. */
export function timesOf(
  options: Pick<FilterOptions, "since" | "until">,
  nowMs: number,
): Pick<FilterOptions, "since" | "until"> {
  const since = timeAt(options.since, nowMs);
  const until = timeAt(options.until, nowMs);
  if (since === undefined || until === undefined || since < until) return { since, until };
  throw new AppError(
    "invalid_request",
    `Nothing lies between --since ${options.since} (${since}) and --until ${options.until} (${until}): --until must be the later of the two`,
  );
}

/** A time as people write it (checked by `withTimes`). */
function timeAt(text: string | undefined, nowMs: number): string | undefined {
  if (text === undefined) return undefined;
  const agoMs = parseDuration(text);
  return new Date(agoMs === undefined ? Date.parse(text) : nowMs - agoMs).toISOString();
}

function timeText(text: string): string {
  if (parseDuration(text) !== undefined) return text;
  if (/^\d{4}-/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError("It must be a time ago (7d, 2h30m) or a date.");
}
