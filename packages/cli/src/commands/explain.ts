import type { Decision, Explanation, YardEvent } from "@yardmaster/protocol";
import { AppError, isAppError, isUuid } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { act, type Define } from "../command.ts";
import { decisionShape } from "../output/decision-shape.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusMark } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";

export const define: Define = (command, host) => {
  command.argument("<id>", "of a run or an event");
  act(command, host, async ({ args, connect, out, io }) => {
    const id = args[0] as string;
    if (!isUuid(id))
      throw new AppError(
        "invalid_request",
        `"${id}" is not an id; \`yard runs\` and \`yard events\` list them`,
      );
    const client = await connect();
    const run = await client.runs.explain(id).catch(unlessNotFound);
    if (run !== undefined) return out.value(run, () => showRun(run, out));
    const event = await client.events.get(id).catch(unlessNotFound);
    if (event === undefined)
      throw new AppError("not_found", `No run and no event has the id ${id}`);
    const decisions = await decisionsOf(client, id);
    out.value({ ...event, decisions }, () => showEvent(event, decisions, out, io.now()));
  });
};

function unlessNotFound(error: unknown): undefined {
  if (!isAppError(error) || error.code !== "not_found") throw error;
}

async function decisionsOf(client: Client, event: string): Promise<Decision[]> {
  const decisions: Decision[] = [];
  for await (const decision of client.decisions.list({ event })) decisions.push(decision);
  return decisions;
}

function showRun({ status, summary, chain, unblock }: Explanation, { lines, paint }: Output): void {
  lines(
    `${statusMark(status, paint)} ${paint.strong(printable(summary))}`,
    ...chain.map((sentence) => `  ${printable(sentence)}`),
  );
  if (unblock.length > 0)
    lines("What would move it:", ...unblock.map((sentence) => `  ${printable(sentence)}`));
}

function showEvent(
  event: YardEvent,
  decisions: readonly Decision[],
  out: Output,
  nowMs: number,
): void {
  const { lines, paint } = out;
  const subject = event.subject === null ? "" : ` about ${printable(event.subject)}`;
  lines(
    `${paint.strong(printable(event.type))}${subject}, from ${printable(event.source)}, received ${relativeTime(event.received_at, nowMs)}`,
  );
  if (decisions.length === 0) {
    lines(`No rule listens to ${printable(event.type)}, so nothing was started.`);
    return;
  }
  const shape = decisionShape(paint, nowMs, { withEvent: false });
  lines(`${decisions.length === 1 ? "One rule" : `${decisions.length} rules`} judged it:`);
  out.table(shape.headings, decisions.map(shape.row));
}
