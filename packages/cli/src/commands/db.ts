import { AppError, type Carried } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import { act, type Call, type Define, type Host } from "../command.ts";
import { carry } from "../offline/carry.ts";

interface CarryOptions {
  readonly targetEnv?: string;
}

const TARGET = "postgres://USER@HOST/NAME of an empty database, or embedded";

export const define: Define = (command, host) => {
  defineCarry(command, host, "move", "carry the installation to another database, for good");
  defineCarry(command, host, "copy", "copy the installation to another database, and go on here");
  defineReopen(command, host);
};

function defineCarry(command: Command, host: Host, task: "move" | "copy", summary: string): void {
  const carries = command
    .command(task)
    .description(summary)
    .argument("[target]", TARGET)
    .option("--target-env <name>", "the variable that holds the target, for one with a password")
    .addHelpText("after", `\n${EXPLAINED[task]}`);
  act<CarryOptions>(carries, host, async (call) => {
    const target = targetOf(call);
    const { carried } = await call.interruptible((signal) =>
      carry(call.io, { task, target }, { onTable: tableTeller(call), signal }),
    );
    if (carried === undefined) return;
    call.out.value(carried, () => call.out.lines("", ...told(task, carried)));
  });
}

const EXPLAINED = {
  move: `All processes are stopped first. The installation is the one that yard start would start here (DATABASE_URL, else
the PostgreSQL of the data folder). What was here stays as it is, and is not started again (yard db reopen).`,
  copy: `The server may go on: a copy is of one moment. Started somewhere, it is an installation of its own.`,
} as const;

function targetOf({ args: [given], options: { targetEnv }, io }: Call<CarryOptions>): string {
  if (given !== undefined && targetEnv === undefined) return given;
  if (given === undefined && targetEnv === undefined)
    throw new AppError("invalid_request", `Say where to: ${TARGET}`);
  if (given !== undefined)
    throw new AppError("invalid_request", "Give a target or --target-env, not both");
  const target = io.env[targetEnv as string];
  if (target !== undefined) return target;
  throw new AppError("invalid_request", `--target-env: ${targetEnv} is not set`);
}

function tableTeller({ out }: Call<unknown>) {
  return (table: string, rows: number): void => {
    if (!out.isJson && rows > 0) out.lines(`  ${table.padEnd(24)} ${count(rows).padStart(12)}`);
  };
}

function told(task: "move" | "copy", { from, to, tables, rows, durationMs }: Carried): string[] {
  const verb = task === "move" ? "Moved" : "Copied";
  const what = `${verb} ${count(rows)} rows of ${tables} tables in ${(durationMs / 1_000).toFixed(1)} s,`;
  const next =
    task === "move"
      ? "Start it there: with DATABASE_URL for a database, without it for the PostgreSQL of a data folder."
      : "The copy begins where this one was; what was open runs there too once it is started.";
  const folder =
    "With another data folder: take admin-token and master.key along (sealed secrets need the key).";
  return [what, `  from ${from}`, `  to   ${to}`, "", next, folder];
}

const count = (value: number): string => value.toLocaleString("en");

function defineReopen(command: Command, host: Host): void {
  const reopens = command
    .command("reopen")
    .description("let an installation that was moved away be started here again, as it was then");
  act(reopens, host, async (call) => {
    const { reopened } = await call.interruptible((signal) =>
      carry(call.io, { task: "reopen" }, { onTable() {}, signal }),
    );
    const answer = { reopened: reopened ?? null };
    call.out.value(answer, () =>
      call.out.lines(
        reopened == null
          ? "It was not moved: it can be started here."
          : `It may be started here again. Since ${reopened.at} it went on in ${reopened.to}: never let both be at work.`,
      ),
    );
  });
}
