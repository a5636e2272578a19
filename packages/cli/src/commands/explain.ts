import type {
  Decision,
  Explanation,
  QueueExplanation,
  RuleExplained,
  SensorExplanation,
  TaskExplanation,
  YardEvent,
} from "@yardmaster/protocol";
import {
  AppError,
  isAppError,
  isUuid,
  MIN_ID_DIGITS,
  type RunStatus,
} from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { act, type Define } from "../command.ts";
import { explainNode, type NodeExplained, showNodeExplained } from "../node/explain.ts";
import { decisionShape } from "../output/decision-shape.ts";
import { explanationLines } from "../output/explanation.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { relativeTime } from "../output/time.ts";
import { candidatesOf, onlyOf } from "../short-id/find-id.ts";

export const define: Define = (command, host) => {
  command.argument(
    "<id>",
    "of a run, an inquiry, an event or a task, or the name of a rule, a sensor, a task, a queue or a node",
  );
  act(command, host, async ({ args, connect, out, io }) => {
    const given = args[0] as string;
    const client = await connect();
    const look = createLook();
    const named = isUuid(given) ? undefined : await explainName(client, given, look);
    if (named !== undefined)
      return out.value(named, () => {
        if ("node" in named) showNodeExplained(named, out, io.now());
        else out.lines(...explanationLines(named, out.paint));
      });
    const id = isUuid(given) ? given : await findId(client, given, { look, nowMs: io.now() });
    const run = await look.at(client.runs.explain(id));
    if (run !== undefined) return out.value(run, () => showRun(run, out));
    const inquiry = await look.at(client.inquiries.explain(id));
    if (inquiry !== undefined) return out.value(inquiry, () => showRun(inquiry, out));
    const event = await look.at(client.events.get(id));
    if (event === undefined) {
      const task = await look.at(client.tasks.explain(id));
      if (task !== undefined)
        return out.value(task, () => out.lines(...explanationLines(task, out.paint)));
      const node = await look.at(explainNode(client, id));
      if (node !== undefined) return out.value(node, () => showNodeExplained(node, out, io.now()));
      throw look.inVain(`No run, no inquiry, no event, no task and no node has the id ${id}`);
    }
    const [decisions, { chain, unblock }, runStatuses] = await Promise.all([
      decisionsOf(client, id),
      client.events.explain(id),
      look.at(runStatusesOf(client, id)),
    ]);
    out.value({ ...event, decisions, chain, unblock }, () => {
      showEvent({ event, decisions, runStatuses: runStatuses ?? new Map() }, out, io.now());
      // The first sentence says where it came from, which stands there already.
      if (decisions.length === 0) out.lines(...chain.slice(1).map(printable));
      if (unblock.length > 0)
        out.lines("What would move it:", ...unblock.map((sentence) => `  ${printable(sentence)}`));
    });
  });
};

/**
 * Names of rules, sensors and tasks have a dot; those of queues and nodes may. Where one name is that of several the first is
 * told of: a sensor by `yard sensors explain`, a task by `yard tasks explain`, a node by its id.
 */
async function explainName(
  client: Client,
  name: string,
  look: Look,
): Promise<
  RuleExplained | SensorExplanation | TaskExplanation | QueueExplanation | NodeExplained | undefined
> {
  const isDotted = name.includes(".");
  return (
    (isDotted ? await look.at(client.rules.explain(name)) : undefined) ??
    (isDotted ? await look.at(client.sensors.explain(name)) : undefined) ??
    (isDotted ? await look.at(client.tasks.explain(name)) : undefined) ??
    (await look.at(client.queues.explain(name))) ??
    (await look.at(explainNode(client, name)))
  );
}

async function findId(
  client: Client,
  given: string,
  { look, nowMs }: { readonly look: Look; readonly nowMs: number },
): Promise<string> {
  const found = await Promise.all(
    (["run", "event"] as const).map((kind) => look.at(candidatesOf(client, [kind], given, nowMs))),
  );
  const id = onlyOf(
    given,
    found.flatMap((candidates) => candidates ?? []),
  );
  if (id !== undefined) return id;
  throw look.inVain(
    `"${given}" is neither an id nor a rule, a sensor, a task, a queue or a node; of an id, ${MIN_ID_DIGITS} digits of its beginning or its end do. \`yard runs\`, \`yard events\`, \`yard rules\`, \`yard sensors\`, \`yard tasks\`, \`yard queues\` and \`yard node list\` list them`,
  );
}

/** Looking among things of several kinds, of which a token may read some alone: what is found there is told. */
interface Look {
  /** Undefined where it is not there, or where the token may not look. */
  at<T>(asked: Promise<T>): Promise<T | undefined>;
  /** What nobody has, or where it may be: behind the first place that could not be looked at. */
  inVain(message: string): AppError;
}

function createLook(): Look {
  let closed: AppError | undefined;
  return {
    at: (asked) =>
      asked.catch((error: unknown) => {
        if (isAppError(error) && error.code === "not_found") return undefined;
        if (!isAppError(error) || error.code !== "forbidden") throw error;
        closed ??= error;
        return undefined;
      }),
    inVain: (message) => closed ?? new AppError("not_found", message),
  };
}

async function decisionsOf(client: Client, event: string): Promise<Decision[]> {
  const decisions: Decision[] = [];
  for await (const decision of client.decisions.list({ event })) decisions.push(decision);
  return decisions;
}

function showRun(explanation: Explanation, { lines, paint }: Output): void {
  lines(...explanationLines(explanation, paint));
}

/** How the runs that an event started stand. */
async function runStatusesOf(client: Client, event: string): Promise<Map<string, RunStatus>> {
  const statuses = new Map<string, RunStatus>();
  for await (const run of client.runs.list({ event, payloads: "false" }))
    statuses.set(run.id, run.status);
  return statuses;
}

interface Judged {
  readonly event: YardEvent;
  readonly decisions: readonly Decision[];
  readonly runStatuses: ReadonlyMap<string, RunStatus>;
}

function showEvent({ event, decisions, runStatuses }: Judged, out: Output, nowMs: number): void {
  const { lines, paint } = out;
  const subject = event.subject === null ? "" : ` about ${printable(event.subject)}`;
  lines(
    `${paint.strong(printable(event.type))}${subject}, from ${printable(event.source)}, received ${relativeTime(event.received_at, nowMs)}`,
  );
  if (decisions.length === 0) return;
  const shape = decisionShape(paint, nowMs, { withEvent: false, runStatuses });
  lines(`${judgesOf(decisions)}:`);
  out.table(shape.headings, decisions.map(shape.row));
}

/** A fire is decided by its task, beside the rules that listen to it. */
function judgesOf(decisions: readonly Decision[]): string {
  const names = [...new Set(decisions.map(({ rule }) => rule))];
  const rules = names.filter((name) => !name.startsWith("task:")).length;
  const said = `${rules === 1 ? "One rule" : `${rules} rules`} judged it`;
  if (rules === names.length) return said;
  return rules === 0 ? "Of a task" : `Of a task; ${said.replace("One", "one")}`;
}
