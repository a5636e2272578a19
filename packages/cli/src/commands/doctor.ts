import type { Check, Checkup } from "@yardmaster/protocol";
import { isAppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { act, type Define } from "../command.ts";
import { checkInstallation } from "../doctor/check-installation.ts";
import { clockCheck } from "../doctor/clock-check.ts";
import { checkLines } from "../output/check-lines.ts";
import { inShellWords } from "../refused-token.ts";

const BAD_EXIT = 1;

export const define: Define = (command, host) => {
  command.addHelpText(
    "after",
    "\nEach line is ok, warn or bad, with what to do. It exits with 1 when anything is bad.\nWithout a running server it looks at the machine, the settings and the database.",
  );
  act(command, host, async ({ connect, out, io }) => {
    const checks = await checkAll();
    const isBad = checks.some(({ status }) => status === "bad");
    for (const check of checks) out.value(check, () => out.lines(...checkLines(check, out)));
    out.lines("", out.paint.faint(verdict(checks)));
    return isBad ? BAD_EXIT : 0;

    async function checkAll(): Promise<Check[]> {
      let client: Client | undefined;
      try {
        client = await connect();
        return serverChecks(await client.checkup(), io.now());
      } catch (error) {
        if (!isAppError(error)) throw error;
        const { message: summary } = await inShellWords(error, io);
        if (error.code === "unauthorized")
          return [{ check: "server", status: "bad", summary, advice: null }];
        if (error.code !== "unavailable")
          return [{ check: "server", status: "bad", summary, advice: ADVICE }];
        // It has no cause where the server itself has answered so.
        if (client !== undefined && error.cause === undefined)
          return [{ check: "server", status: "bad", summary, advice: UNREADY_ADVICE }];
        const down: Check = { check: "server", status: "bad", summary, advice: "yard start" };
        return [down, ...(await checkInstallation(io))];
      }
    }
  });
};

const UNREADY_ADVICE =
  "it is there, and lacks something, as a rule PostgreSQL: its /readyz and its log say what, and when it is well again";

const ADVICE =
  "set YARD_TOKEN to a token with the scope status:read, or run yard where the data folder is found";

function serverChecks({ checked_at, checks }: Checkup, nowMs: number): Check[] {
  const answers: Check = { check: "server", status: "ok", summary: "it answers", advice: null };
  return [answers, clockCheck(Date.parse(checked_at) - nowMs), ...checks];
}

function verdict(checks: readonly Check[]): string {
  const count = (status: Check["status"]) => checks.filter((one) => one.status === status).length;
  return `${count("ok")} ok, ${count("warn")} warn, ${count("bad")} bad`;
}
