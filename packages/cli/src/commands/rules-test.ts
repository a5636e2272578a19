import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { RuleHistory, RuleTrial, TestRule } from "@yardmaster/protocol";
import { AppError, idDigits, isUuid } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { Command } from "commander";
import { act, type Call, type Host } from "../command.ts";
import type { Io } from "../io.ts";
import { historyLines, trialLines } from "../output/trial-lines.ts";
import { readJsonOption } from "../run-input.ts";
import { findEventId } from "../short-id/find-id.ts";
import { timesOf, withTimes } from "./event-filter.ts";
import { naturalNumber } from "./limit-option.ts";

interface TestOptions {
  readonly event?: string;
  readonly file?: string;
  readonly since?: string;
  readonly until?: string;
  readonly matches?: number;
}

/** `yard rules test`: what a rule makes of one event, or would have made of those that came. */
export function defineTest(command: Command, host: Host): void {
  const test = withTimes(command.command("test"))
    .description("judge an event, or all since a time, by a rule, and do nothing")
    .argument("[rule]")
    .option("--file <path>", "the rule in this file, which need not be loaded")
    .option("--event <id>", "this event, or a CloudEvent in a file: ID, event.json, or - for stdin")
    .option("--matches <n>", "how many matches to show, with --since (default: 10)", naturalNumber)
    .addHelpText("after", EXITS);
  act<TestOptions>(test, host, testRule);
}

const EXITS = `
  yard rules test shop.big --event 0197a1b2-0000-7000-8000-0000000000e1
  yard rules test shop.big --since 7d
  yard rules test --file rules/new.yaml --since 7d
Exits with 1 when the rule does not match the event, or could not be judged.`;

const OF_SINCE = ["until", "matches"] as const;
const DEFAULT_MATCHES = 10;

async function testRule(call: Call<TestOptions>): Promise<number> {
  const { args, options, io } = call;
  oneOf(args[0], options.file, "Name a rule, or give one with --file");
  oneOf(options.event, options.since, "Say on what: --event ID or FILE, or --since 7d");
  for (const name of OF_SINCE)
    if (options.event !== undefined && options[name] !== undefined)
      throw new AppError("invalid_request", `--${name} goes with --since, not with --event`);
  const tried =
    options.file === undefined ? { rule: args[0] } : { file: await read(options.file, io) };
  const client = await call.connect();
  return options.event === undefined
    ? onHistory(call, client, tried)
    : onEvent(call, client, { ...tried, ...(await eventOf(client, options.event, io)) });
}

/** Of two that would be asked by turns, which one was meant is not guessed. */
function oneOf(one: string | undefined, other: string | undefined, wanted: string): void {
  if (one === undefined && other === undefined) throw new AppError("invalid_request", wanted);
  if (one !== undefined && other !== undefined)
    throw new AppError("invalid_request", `${wanted}; not both`);
}

async function onEvent(
  { out }: Call<TestOptions>,
  client: Client,
  trial: Pick<TestRule, "rule" | "file" | "event" | "event_id">,
): Promise<number> {
  const said: RuleTrial = await client.rules.test(trial);
  out.value(said, () => out.lines(...trialLines(said, out.paint)));
  return said.status === "matched" && said.listens ? 0 : 1;
}

async function onHistory(
  { options, out, io, interruptible }: Call<TestOptions>,
  client: Client,
  tried: Pick<TestRule, "rule" | "file">,
): Promise<number> {
  const { matches = DEFAULT_MATCHES } = options;
  const times = timesOf(options, io.now());
  const total = await interruptible(async (signal) => {
    let all: RuleHistory | undefined;
    const pieces = client.rules.history({ ...tried, ...times, matches }, { signal });
    for await (const piece of pieces) all = all === undefined ? piece : added(all, piece, matches);
    return all as RuleHistory;
  });
  out.value(total, () => out.lines(...historyLines(total, out.paint)));
  return total.error === 0 ? 0 : 1;
}

function added(all: RuleHistory, piece: RuleHistory, matches: number): RuleHistory {
  const clauses = new Map(all.clauses.map(({ clause, count }) => [clause, count]));
  for (const { clause, count } of piece.clauses)
    clauses.set(clause, (clauses.get(clause) ?? 0) + count);
  return {
    ...piece,
    judged: all.judged + piece.judged,
    matched: all.matched + piece.matched,
    not_matched: all.not_matched + piece.not_matched,
    error: all.error + piece.error,
    clauses: [...clauses]
      .map(([clause, count]) => ({ clause, count }))
      .sort((a, b) => b.count - a.count),
    matches: [...all.matches, ...piece.matches].slice(0, matches),
    errors: [...all.errors, ...piece.errors].slice(0, ERRORS_SHOWN),
  };
}

const ERRORS_SHOWN = 10;

/** A file of that name is meant before an event whose id begins or ends so. */
async function eventOf(
  client: Client,
  given: string,
  io: Pick<Io, "cwd" | "readStdin" | "now">,
): Promise<Pick<TestRule, "event" | "event_id">> {
  if (isUuid(given)) return { event_id: given };
  if (idDigits(given) !== undefined && !existsSync(resolve(io.cwd, given)))
    return { event_id: await findEventId(client, given, io.now()) };
  return { event: await readJsonOption("--event", `@${given}`, io) };
}

async function read(
  path: string,
  { cwd }: Pick<Io, "cwd">,
): Promise<{ path: string; text: string }> {
  try {
    return { path, text: await readFile(resolve(cwd, path), "utf8") };
  } catch (cause) {
    const detail = `--file: ${path} cannot be read: ${(cause as Error).message}`;
    throw new AppError("invalid_request", detail, { cause });
  }
}
