import type { Check, Queue, ServerStatus } from "@yardmaster/protocol";
import { isAppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { act, type Define } from "../command.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusMark, statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";

export const define: Define = (command, host) => {
  act(command, host, async ({ connect, out, io }) => {
    const client = await connect();
    const [status, queues, checkup] = await Promise.all([
      client.status(),
      allowed(queuesOf(client)),
      allowed(client.checkup()),
    ]);
    const problems = checkup?.checks.filter((check) => check.status !== "ok") ?? [];
    out.value({ ...status, problems }, () => {
      showServer(status, out, io.now());
      showQueues(status, queues ?? [], out);
      showProblems(problems, out);
    });
  });
};

/** A token that may see the status may not see all that is shown beside it. */
async function allowed<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (isAppError(error) && (error.code === "forbidden" || error.code === "not_found"))
      return undefined;
    throw error;
  });
}

async function queuesOf(client: Client): Promise<Queue[]> {
  const queues: Queue[] = [];
  for await (const queue of client.queues.list()) queues.push(queue);
  return queues;
}

function showServer(status: ServerStatus, out: Output, nowMs: number): void {
  const { database } = status;
  out.lines(
    `${out.paint.strong(`Yardmaster ${status.version}`)}, started ${relativeTime(status.started_at, nowMs)}`,
    `roles     ${status.roles.join(", ")}`,
    `database  PostgreSQL ${database.version}, ${database.mode}, ${database.place}`,
    "",
  );
  out.table(
    ["PROCESS", "HOST", "PID", "ROLES", "VERSION", "ATTEMPTS", "STARTED"],
    status.sessions.map(({ id, host, pid, roles, version, leased, created_at }) => [
      id,
      host,
      String(pid),
      roles.join(","),
      version ?? "older",
      String(leased),
      relativeTime(created_at, nowMs),
    ]),
  );
}

function showQueues(status: ServerStatus, queues: readonly Queue[], out: Output): void {
  if (status.queues.length === 0)
    return out.lines("", out.paint.faint("Nothing waits in a queue."));
  const known = new Map(queues.map((queue) => [queue.name, queue]));
  out.lines("");
  out.table(
    ["QUEUE", "STATUS", "READY", "DELAYED", "RUNNING", "LIMIT"],
    status.queues.map(({ queue, ready, delayed, leased }) => [
      queue || "(none)",
      statusWord(known.get(queue)?.status ?? "moving", out.paint),
      String(ready),
      String(delayed),
      String(leased),
      String(known.get(queue)?.concurrency ?? ""),
    ]),
  );
}

function showProblems(problems: readonly Check[], { lines, paint }: Output): void {
  if (problems.length === 0) return;
  lines(
    "",
    ...problems.map(({ status, summary }) => `${statusMark(status, paint)} ${printable(summary)}`),
    paint.faint("What to do: yard doctor"),
  );
}
