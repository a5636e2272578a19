import type { NodeSession } from "@yardmaster/protocol";
import type { Command } from "commander";
import { act, type Host } from "../command.ts";
import { printable } from "../output/printable.ts";
import { relativeTime } from "../output/time.ts";

/** sessions and reset. */
export function defineSessions(command: Command, host: Host): void {
  const sessions = command
    .command("sessions")
    .description("list a node's shell sessions: where they stand and what runs in them")
    .argument("<node>");
  act(sessions, host, async ({ args, connect, out, io }) => {
    const found = await (await connect()).nodes.sessions(args[0] as string);
    await out.list(eachOf(found), {
      headings: ["SESSION", "RUNNING", "QUEUED", "LAST CALL", "DIRECTORY"],
      row: ({ session, running, queued, last_call_at, cwd }) => [
        printable(session),
        String(running),
        String(queued),
        last_call_at === null ? "" : relativeTime(last_call_at, io.now()),
        printable(cwd ?? ""),
      ],
      empty: "No shell session yet; the first command opens one.",
    });
  });

  const reset = command
    .command("reset")
    .description("kill what runs in a shell session, and give it a fresh shell")
    .argument("<node>")
    .argument("[session]", "main unless named")
    .option("--reason <text>", "for the audit");
  act<{ reason?: string }>(reset, host, async ({ args, options: { reason }, connect, out }) => {
    const [name, session = "main"] = args as [string, string?];
    const body = reason === undefined ? {} : { reason };
    const result = await (await connect()).nodes.reset(name, session, body);
    out.value(result, () => {
      const where = result.cwd === null ? "" : ` in ${printable(result.cwd)}`;
      const killed = result.killed === 1 ? "1 process group" : `${result.killed} process groups`;
      out.lines(`${printable(result.session)} has a fresh shell${where}; ${killed} killed.`);
    });
  });
}

async function* eachOf(sessions: readonly NodeSession[]): AsyncGenerator<NodeSession, void> {
  yield* sessions;
}
