import type { Sensor, SensorExplanation } from "@yardmaster/protocol";
import { ALERT_AFTER } from "./supervision/back-off.ts";
import type { Demand } from "./supervision/demand.ts";

export interface ExplainedSensor {
  readonly sensor: Sensor;
  /** Undefined where no pack declares it. */
  readonly demand: Demand | undefined;
  /** Living workers. */
  readonly workers: number;
}

/** Why a sensor runs or does not, and what would change that. */
export function explainSensor(from: ExplainedSensor): SensorExplanation {
  const { ref, status } = from.sensor;
  return { ref, status, summary: summaryOf(from), chain: chainOf(from), unblock: wayOut(from) };
}

function summaryOf({ sensor, workers }: ExplainedSensor): string {
  const { ref, status, reason, pid } = sensor;
  switch (status) {
    case "running":
      return `The sensor ${ref} runs${pid === null ? "" : ` (pid ${pid})`}: ${reason}.`;
    case "starting":
      if (workers === 0) return `The sensor ${ref} is to run, and no worker lives.`;
      return `The sensor ${ref} is being started: ${reason}.`;
    case "stopping":
      return `The sensor ${ref} stops: ${reason}.`;
    case "backoff":
      return `The sensor ${ref} rests after a failure: ${reason}.`;
    case "stopped":
      return `The sensor ${ref} does not run: ${reason}.`;
  }
}

function chainOf({ sensor, demand, workers }: ExplainedSensor): string[] {
  const { events, failures, last_exit, stored, refused, last_event_at, paused_by, worker } = sensor;
  const chain = [
    sensor.declared
      ? `The pack ${sensor.pack} declares it; it sends ${events.join(", ")}.`
      : "No active pack declares it any more; what it last said of its place is kept.",
  ];
  if (demand !== undefined) {
    const { rules, listened, idle } = demand;
    chain.push(
      rules.length > 0
        ? `${rules.join(", ")} ${rules.length === 1 ? "listens" : "listen"} to ${listened.join(", ")}.`
        : "No rule that is on listens to any of these.",
    );
    if (idle.length > 0) chain.push(`Paused or off: ${idle.join(", ")}.`);
  }
  if (paused_by !== null) chain.push(`It is paused by ${paused_by}.`);
  if (worker !== null) chain.push(`The worker with the session ${worker} has it.`);
  else if (workers === 0) chain.push("No worker lives.");
  if (failures > 0)
    chain.push(`It has ended by itself ${failures === 1 ? "once" : `${failures} times in a row`}.`);
  if (last_exit !== null) chain.push(exitSentence(last_exit));
  const last = last_event_at === null ? "" : `, the last at ${last_event_at}`;
  const lines =
    refused === 1 ? "1 line of it was no event" : `${refused} lines of it were no events`;
  chain.push(`It has sent ${stored} event${stored === 1 ? "" : "s"}${last}; ${lines}.`);
  return chain;
}

function exitSentence({ code, signal, at, stderr }: NonNullable<Sensor["last_exit"]>): string {
  const how =
    signal !== null ? `by ${signal}` : code === null ? "before it had begun" : `with code ${code}`;
  const last = stderr.trimEnd().split("\n").at(-1) ?? "";
  return `It last ended by itself at ${at}, ${how}${last === "" ? "" : `: ${last}`}.`;
}

function wayOut({ sensor, demand, workers }: ExplainedSensor): string[] {
  const { ref, status, failures, refused, paused_by } = sensor;
  const ways: string[] = [];
  if (!sensor.declared)
    return [
      "Put its file back into the folder sensors of its pack.",
      `yard sensors forget ${ref} removes what is kept of it.`,
    ];
  if (paused_by !== null) ways.push(`yard sensors resume ${ref}`);
  if (demand !== undefined && demand.rules.length === 0)
    ways.push(
      ...(demand.idle.length > 0
        ? demand.idle.map((rule) => `yard rules resume ${rule}`)
        : [`Write a rule on one of its events: on: ${sensor.events[0]}.`]),
    );
  if (status === "starting" && workers === 0)
    ways.push("Start a worker: yard start --roles worker.");
  if (status === "backoff") ways.push(`yard sensors restart ${ref} starts it at once.`);
  if (failures >= ALERT_AFTER || refused > 0)
    ways.push(`yard sensors logs ${ref} shows what it says.`);
  return ways;
}
