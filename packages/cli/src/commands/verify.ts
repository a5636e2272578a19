import type { Verification } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { act, type Define } from "../command.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { findRunId } from "../short-id/find-id.ts";

const DIFFERS = 1;

export const define: Define = (command, host) => {
  command.argument("[run]").option("--in-flight", "all runs that have not ended");
  command.addHelpText(
    "after",
    "\nExits with 1 when a run would now be decided otherwise than it was.",
  );
  act<{ inFlight?: true }>(command, host, async ({ args: [run], options, connect, out, io }) => {
    if ((run === undefined) === (options.inFlight === undefined)) {
      throw new AppError(
        "invalid_request",
        "Say which: `yard verify RUN`, or `yard verify --in-flight`",
      );
    }
    const client = await connect();
    let checked = 0;
    let different = 0;
    const ids = run === undefined ? inFlight(client) : [await findRunId(client, run, io.now())];
    for await (const id of ids) {
      const verification = await client.runs.verify(id);
      checked++;
      if (!verification.same) different++;
      out.value(verification, () => out.lines(...verificationLines(verification, out)));
    }
    if (run === undefined)
      out.lines(
        `${checked} ${checked === 1 ? "run" : "runs"} in flight, ${different} of them different.`,
      );
    return different === 0 ? 0 : DIFFERS;
  });
};

async function* inFlight(client: Client): AsyncGenerator<string, void, undefined> {
  for (const status of ["running", "waiting", "queued"] as const) {
    for await (const run of client.runs.list({ status })) yield run.id;
  }
}

function verificationLines(
  { id, advances, same, difference }: Verification,
  { paint }: Output,
): string[] {
  if (same)
    return [
      `${paint.good("✓")} ${id}  the same decisions in ${advances === 1 ? "its advance" : `all ${advances} advances`}`,
    ];
  const head = `${paint.bad("✗")} ${id}  decided otherwise`;
  if (difference === undefined) return [head];
  const { version, recorded, now } = difference;
  return [
    `${head} at advance ${version}`,
    `  recorded: ${printable(recorded)}`,
    `  now:      ${printable(now)}`,
  ];
}
