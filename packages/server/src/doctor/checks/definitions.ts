import type { Check, Secret, Sensor, Source, Task, Tracker } from "@yardmaster/protocol";
import type { ActivePack, FolderProblems } from "../../packs/index.ts";
import type { UnmetUse } from "../../secrets/index.ts";
import { ALERT_AFTER } from "../../sensors/index.ts";
import { bad, count, ok, warn } from "../check.ts";

export function packsChecks(
  active: readonly ActivePack[],
  problems: readonly FolderProblems[],
): Check[] {
  if (problems.length === 0)
    return [ok("packs", `${count(active.length, "pack")} active, none broken`)];
  return problems.map(({ folder, pack, problems: found }) => {
    const [first] = found;
    // The folder itself: no file of it has been read.
    if (first?.file === ".")
      return warn("packs", `${folder}: ${first.message}`, "make it, or correct YARD_PACKS");
    const isActive = active.some(({ definition }) => definition.name === pack);
    const instead = isActive ? "the version before goes on" : "nothing of it is active";
    return warn(
      "packs",
      `${pack ?? folder} has ${count(found.length, "problem")}; ${instead}`,
      "yard packs shows each with file and line",
    );
  });
}

/** How long a refused webhook is worth a word. */
const REFUSED_WITHIN_MS = 24 * 3_600_000;

export function sourcesChecks(sources: readonly Source[], nowMs: number): Check[] {
  const unready = sources.filter(({ status }) => status !== "active");
  const refusing = sources.filter(
    ({ status, refused }) =>
      status === "active" &&
      refused !== null &&
      Date.parse(refused.last_at) > nowMs - REFUSED_WITHIN_MS,
  );
  if (unready.length + refusing.length === 0)
    return [ok("sources", `${count(sources.length, "source")}, all take deliveries`)];
  return [
    ...unready.map((source) =>
      warn(
        "sources",
        `source ${source.name} takes no deliveries: ${source.reason ?? "not ready"}`,
        adviceFor(source),
      ),
    ),
    ...refusing.map(({ name, refused }) =>
      warn(
        "sources",
        `source ${name} refused ${count(refused?.count ?? 0, "webhook")}, the last at ${refused?.last_at}: ${refused?.last_reason}`,
        "put that right where it is sent from: as a rule the secret of this source, or a clock; strangers who found its address are no trouble. What was refused is not kept: let its sender send it again",
      ),
    ),
  ];
}

function adviceFor({ name, origin }: Source): string {
  return origin === "api"
    ? `yard sources rotate ${name} --generate-secret, and give the secret to its sender`
    : `give source ${name} its secret where its definition looks for it; a variable is read when the server starts`;
}

/** Sensors that fail again and again. Without any nothing is said. */
export function sensorsChecks(sensors: readonly Sensor[]): Check[] {
  if (sensors.length === 0) return [];
  const failing = sensors.filter(({ declared, failures }) => declared && failures >= ALERT_AFTER);
  if (failing.length === 0) {
    const running = sensors.filter(({ status }) => status === "running").length;
    const summary = `${count(sensors.length, "sensor")}, ${running} running, none fails`;
    const gone = sensors.filter(({ declared }) => !declared).map(({ ref }) => ref);
    if (gone.length === 0) return [ok("sensors", summary)];
    const one = `yard sensors forget ${gone[0]}`;
    return [ok("sensors", `${summary}; in no pack any more: ${gone.length} (${one})`)];
  }
  return failing.map(({ ref, failures, last_exit }) => {
    const last = last_exit?.stderr.trimEnd().split("\n").at(-1) ?? "";
    return warn(
      "sensors",
      `sensor ${ref} has failed ${failures} times in a row${last === "" ? "" : `, the last time with: ${last}`}`,
      `yard sensors logs ${ref}; yard explain ${ref}`,
    );
  });
}

/** Secrets that do not open here, and those that are named and not to be had. Where there are none nothing is said. */
export function secretsChecks(secrets: readonly Secret[], unmet: readonly UnmetUse[]): Check[] {
  const unreadable = secrets.filter(({ status }) => status === "unreadable");
  const all = [
    ...unreadable.map(({ name }) =>
      bad(
        "secrets",
        `the secret ${name} was sealed under another master key, and nobody can use it`,
        `start with that key (YARD_MASTER_KEY), or set it again: yard secrets set ${name}`,
      ),
    ),
    ...unmet.map(({ kind, ref, secret, pack, why }) =>
      why === "missing"
        ? warn(
            "secrets",
            `${kind} ${ref} uses the secret ${secret}, which is not set`,
            `yard secrets set ${secret}`,
          )
        : warn(
            "secrets",
            `${kind} ${ref} uses the secret ${secret}, which the pack ${pack} may not use`,
            `yard secrets change ${secret} --add-pack ${pack}, or take it out of the pack`,
          ),
    ),
  ];
  if (all.length > 0 || secrets.length === 0) return all;
  return [ok("secrets", `${count(secrets.length, "secret")}, all that is named is set`)];
}

/** Trackers that cannot be read, and those whose webhooks get lost. Without any nothing is said. */
export function trackersChecks(trackers: readonly Tracker[], nowMs: number): Check[] {
  if (trackers.length === 0) return [];
  const flaws = trackers.flatMap((tracker) => {
    const { name, status, reason, polled } = tracker;
    if (status === "unready")
      return [warn("trackers", `tracker ${name}: ${reason}`, `yard trackers check ${name}`)];
    const unread = polled.flatMap(({ project, problem }) =>
      problem === null
        ? []
        : [
            warn(
              "trackers",
              `${project} of tracker ${name} cannot be read: ${problem}`,
              `yard trackers check ${name}`,
            ),
          ],
    );
    return status === "paused" ? [] : [...unread, ...losses(tracker, nowMs)];
  });
  if (flaws.length > 0) return flaws;
  return [ok("trackers", `${count(trackers.length, "tracker")}, none fails`)];
}

/** How long a change that was found lost is worth a word. */
const LOST_WITHIN_MS = 24 * 3_600_000;

function losses({ name, polled }: Tracker, nowMs: number): Check[] {
  return polled.flatMap(({ project, lost, last_found_at: at }) =>
    lost === 0 || at === null || Date.parse(at) < nowMs - LOST_WITHIN_MS
      ? []
      : [
          warn(
            "trackers",
            `${count(lost, "change")} of ${project} came by no webhook of tracker ${name}, the last found at ${at}`,
            `what was lost was brought in; see why: yard trackers check ${name}`,
          ),
        ],
  );
}

/** Tasks that fire and start nothing. Without any nothing is said. */
export function tasksChecks(
  tasks: readonly { readonly task: Task; readonly isStartable: boolean }[],
): Check[] {
  if (tasks.length === 0) return [];
  const active = tasks.filter(({ task }) => task.status === "active");
  const failing = active.flatMap(({ task, isStartable }) => {
    const name = task.ref ?? task.id;
    const { workflow } = task.payload;
    if (!isStartable)
      return [
        warn(
          "tasks",
          `task ${name} is to start ${workflow}, which is not there`,
          "load the pack that defines it, or change the task",
        ),
      ];
    if (task.failures === 0) return lastRunFailed(task, name);
    const times = task.failures === 1 ? "its last fire" : `its last ${task.failures} fires`;
    return [
      warn(
        "tasks",
        `task ${name} has started nothing at ${times}: ${task.last_error}`,
        `yard explain ${name}`,
      ),
    ];
  });
  if (failing.length > 0) return failing;
  return [ok("tasks", `${count(tasks.length, "task")}, ${active.length} active, none fails`)];
}

function lastRunFailed({ last_run_id, last_run_status }: Task, name: string): Check[] {
  if (last_run_status !== "failed" && last_run_status !== "timed_out") return [];
  return [
    warn(
      "tasks",
      `the last run of task ${name} has ${FAILED[last_run_status]}`,
      `yard explain ${last_run_id}`,
    ),
  ];
}

const FAILED = { failed: "failed", timed_out: "timed out" } as const;
