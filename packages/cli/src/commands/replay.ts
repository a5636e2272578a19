import { randomBytes, randomUUID } from "node:crypto";
import type { EventOutcome } from "@yardmaster/protocol";
import { AppError, isUuid, uuidV7 } from "@yardmaster/protocol/core";
import { type Command, Option } from "commander";
import { act, type Call, type Host } from "../command.ts";
import { replayLines } from "../output/replay-lines.ts";
import { findEventId } from "../short-id/find-id.ts";
import { type FilterOptions, filterOf, OUTCOMES, withEventFilter } from "./event-filter.ts";

interface ReplayOptions extends FilterOptions {
  readonly rule?: string;
  readonly outcome?: EventOutcome;
  readonly dryRun?: true;
  readonly resume?: string;
}

/** `yard events replay`: one event by its id, or many by a filter. */
export function defineReplay(command: Command, host: Host): void {
  const replay = withEventFilter(command.command("replay"))
    .description("judge an event again by the rules as they are now, or many by a filter")
    .argument("[event]")
    .option("--rule <rule>", "only this rule judges")
    .addOption(
      new Option(
        "--outcome <outcome>",
        "only what --rule said so of last; unheard: what it never judged",
      ).choices(OUTCOMES),
    )
    .option("--dry-run", "say what would be, and do nothing")
    .option("--resume <batch>", "go on with a replay of many that was broken off")
    .addHelpText("after", MANY);
  act<ReplayOptions>(replay, host, async (call) => {
    const [event] = call.args;
    const filter = filterOf(call.options, call.io.now());
    const { resume, outcome, rule } = call.options;
    const given = [...Object.values(filter), resume, outcome];
    if (event !== undefined && given.some((value) => value !== undefined))
      throw new AppError("invalid_request", "Give either an event or a filter, not both");
    if (event !== undefined) return replayOne(call, event);
    if (outcome !== undefined && rule === undefined)
      throw new AppError("invalid_request", "--outcome needs --rule: whose decision is meant");
    if (filter.since === undefined)
      throw new AppError(
        "invalid_request",
        "Name an event, or say which: yard events replay --type shop.sold --since 1d --dry-run",
      );
    return replayMany(call, { ...filter, since: filter.since });
  });
}

const MANY = `
Of many (--since is needed) the oldest comes first; each is judged once, also where it is broken off and resumed.
Exits with 1 when a rule could not be judged.`;

async function replayOne(call: Call<ReplayOptions>, event: string): Promise<number> {
  const { options, out, connect, io } = call;
  const client = await connect();
  const replayed = await client.events.replay(
    await findEventId(client, event, io.now()),
    { rule: options.rule, dry_run: options.dryRun === true },
    { idempotencyKey: randomUUID() },
  );
  out.value(replayed, () => {
    out.lines(...replayLines(replayed, out.paint));
    if (replayed.decisions.length === 0) out.lines("No rule listens to it.");
  });
  return replayed.decisions.some(({ status }) => status === "error") ? 1 : 0;
}

async function replayMany(
  call: Call<ReplayOptions>,
  filter: FilterOptions & { readonly since: string },
): Promise<number> {
  const { options, out, io } = call;
  const { resume, rule, outcome } = options;
  if (resume !== undefined && !isUuid(resume))
    throw new AppError("invalid_request", `"${resume}" is no replay; it says which when it begins`);
  const batch = resume ?? uuidV7(io.now(), randomBytes(10));
  const isDry = options.dryRun === true;
  const counts = {
    events: 0,
    unheard: 0,
    repeated: 0,
    matched: 0,
    not_matched: 0,
    held: 0,
    error: 0,
  };
  if (!isDry)
    io.stderr.write(
      `If it is broken off: ${resumeLine({ ...filter, rule, outcome, resume: batch })}\n`,
    );
  const client = await call.connect();
  await call.interruptible(async (signal) => {
    const request = { ...filter, batch, rule, outcome, dry_run: isDry };
    for await (const report of client.events.replayMany(request, { signal })) {
      counts.unheard += report.unheard;
      for (const replayed of report.events) {
        counts.events++;
        if (replayed.repeated) counts.repeated++;
        for (const { status } of replayed.decisions) counts[status]++;
        out.value(replayed, () => out.lines(...replayLines(replayed, out.paint)));
      }
    }
  });
  out.lines(summaryOf(counts, isDry));
  return counts.error === 0 ? 0 : 1;
}

function summaryOf(counts: Readonly<Record<string, number>>, isDry: boolean): string {
  const { events, unheard, repeated, ...decisions } = counts;
  const said = Object.entries(decisions)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status.replace("_", " ")}`);
  const others = [
    ...((repeated ?? 0) > 0 ? [`${repeated} done before`] : []),
    ...((unheard ?? 0) > 0 ? [`${unheard} that no rule listens to`] : []),
  ];
  const what = `${events} ${events === 1 ? "event" : "events"} ${isDry ? "would be replayed" : "replayed"}`;
  return `${[what, ...others].join(", ")}${said.length > 0 ? `: ${said.join(", ")}` : ""}.`;
}

/** The same replay again, with its times as they were. */
function resumeLine(options: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(value)}`],
  );
  return `yard events replay ${given.join(" ")}`;
}

function quoted(text: string): string {
  return /^[\w.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
