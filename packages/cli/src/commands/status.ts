import type { ServerStatus } from "@yardmaster/protocol";
import { act, type Define } from "../command.ts";
import type { Output } from "../output/output.ts";
import { relativeTime } from "../output/time.ts";

export const define: Define = (command, host) => {
  act(command, host, async ({ connect, out, io }) => {
    const status = await (await connect()).status();
    out.value(status, () => showStatus(status, out, io.now()));
  });
};

function showStatus(status: ServerStatus, out: Output, nowMs: number): void {
  const { database } = status;
  out.lines(
    `${out.paint.strong(`Yardmaster ${status.version}`)}, started ${relativeTime(status.started_at, nowMs)}`,
    `roles     ${status.roles.join(", ")}`,
    `database  PostgreSQL ${database.version}, ${database.mode}, ${database.place}`,
    "",
  );
  out.table(
    ["PROCESS", "HOST", "PID", "ROLES", "ATTEMPTS", "STARTED"],
    status.sessions.map(({ id, host, pid, roles, leased, created_at }) => [
      id,
      host,
      String(pid),
      roles.join(","),
      String(leased),
      relativeTime(created_at, nowMs),
    ]),
  );
  if (status.queues.length === 0)
    return out.lines("", out.paint.faint("Nothing waits in a queue."));
  out.lines("");
  out.table(
    ["QUEUE", "READY", "DELAYED", "RUNNING"],
    status.queues.map(({ queue, ready, delayed, leased }) => [
      queue || "(none)",
      String(ready),
      String(delayed),
      String(leased),
    ]),
  );
}
