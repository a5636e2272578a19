import type {
  AuditFile,
  Check,
  Queue,
  Secret,
  Sensor,
  Source,
  Task,
  YardNode,
} from "@yardmaster/protocol";
import { END_OF_REST, type RunningEngine, restingAmong, restingText } from "../../engine/index.ts";
import type { ActivePack, FolderProblems } from "../../packs/index.ts";
import type { UnmetUse } from "../../secrets/index.ts";
import { ALERT_AFTER } from "../../sensors/index.ts";
import { bad, ok, warn } from "../check.ts";

type Sessions = Awaited<ReturnType<RunningEngine["sessions"]>>;
type Depths = Awaited<ReturnType<RunningEngine["queueDepths"]>>;

/** How late a change may be seen before that is worth a word. */
const LAG_MS = 5_000;
const BAD_LAG_MS = 60_000;

/** Attempts that wait, as a sentence part. */
function waitingText(ready: number): string {
  return ready === 1 ? "1 attempt waits" : `${ready} attempts wait`;
}

/** Whether somebody carries out work, and somebody starts what is due. The process that asks is itself among those that live. */
export function processesChecks(sessions: Sessions, depths: Depths): Check[] {
  if (sessions.length === 0)
    return [
      bad(
        "workers",
        "no process, this one included, can renew its session in PostgreSQL: none takes or starts anything",
        "see what is said of PostgreSQL here and in the log; they go on by themselves when it takes writes",
      ),
    ];
  return [workersCheck(sessions, depths), schedulersCheck(sessions)];
}

function workersCheck(sessions: Sessions, depths: Depths): Check {
  const workers = sessions.filter(({ roles }) => roles.includes("worker"));
  const ready = depths.reduce((sum, depth) => sum + depth.ready, 0);
  const advice = "start one: yard start --roles worker";
  const live = `${count(workers.length, "worker")} live`;
  const resting = restingAmong(workers);
  if (resting[0] !== undefined)
    return warn(
      "workers",
      `${live}, ${resting.length} of them resting, ${waitingText(ready)}; ${restingText(resting[0])}`,
      END_OF_REST,
    );
  if (workers.length > 0) return ok("workers", `${live}, ${waitingText(ready)}`);
  return ready > 0
    ? bad("workers", `no worker lives, and ${waitingText(ready)}`, advice)
    : warn("workers", "no worker lives; nothing waits for one yet", advice);
}

function schedulersCheck(sessions: Sessions): Check {
  const schedulers = sessions.filter(({ roles }) => roles.includes("scheduler")).length;
  if (schedulers > 0) return ok("schedulers", `${count(schedulers, "scheduler")} live`);
  return bad(
    "schedulers",
    "no scheduler lives: tasks, timers and retries do not start, what a dead process had is not given out again, and nothing old is deleted",
    "start one: yard start --roles scheduler",
  );
}

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

/** An attempt that could start, and has waited for so long, is worth a word. */
const LONG_WAIT_MS = 5 * 60_000;

/** Queues in which something waits and nothing runs, although it could; and those that are paused with work in them. */
export function queuesChecks(queues: readonly Queue[], depths: Depths, workers: number): Check[] {
  const held = workers === 0 ? [] : queues.filter(({ status }) => status === "held");
  const paused = queues.filter((queue) => queue.status === "paused" && hasWork(queue));
  const orphans = queues.filter((queue) => queue.pack === null && hasWork(queue));
  const told = new Set([...held, ...paused].map(({ name }) => name));
  const slow = depths.filter(
    ({ queue, waitedMs }) => workers > 0 && (waitedMs ?? 0) >= LONG_WAIT_MS && !told.has(queue),
  );
  const all = [
    ...held.map(({ name, ready }) =>
      warn(
        "queues",
        `in queue ${name} ${waitingText(ready)} and none runs`,
        `yard queues explain ${name}`,
      ),
    ),
    ...paused.map(({ name, paused_by, ready, delayed }) =>
      warn(
        "queues",
        `queue ${name} is paused by ${paused_by}, and ${waitingText(ready + delayed)}`,
        `yard queues resume ${name}`,
      ),
    ),
    ...slow.map(slowQueue),
    ...orphans.map(({ name }) =>
      warn(
        "queues",
        `work waits in queue ${name}, which no active pack defines any more`,
        "it is worked off by its last limits; to change them, define the queue again",
      ),
    ),
  ];
  return all.length > 0
    ? all
    : [ok("queues", `${count(queues.length, "queue")}, none stands still`)];
}

function hasWork({ ready, delayed }: Queue): boolean {
  return ready + delayed > 0;
}

function slowQueue({ queue, waitedMs }: Depths[number]): Check {
  const minutes = Math.floor((waitedMs ?? 0) / 60_000);
  const where = queue === "" ? "in no queue" : `in queue ${queue}`;
  return warn(
    "queues",
    `an attempt ${where} has waited for ${minutes} min, though it could start`,
    queue === ""
      ? "yard runs --status queued lists such runs; yard explain RUN says for which worker or node it waits"
      : `yard queues explain ${queue}`,
  );
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

/** Tasks that fire and start nothing. Without any nothing is said. */
export function tasksChecks(
  tasks: readonly { readonly task: Task; readonly isStartable: boolean }[],
): Check[] {
  if (tasks.length === 0) return [];
  const active = tasks.filter(({ task }) => task.status === "active");
  const bad = active.flatMap(({ task, isStartable }) => {
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
    if (task.failures === 0) return [];
    const times = task.failures === 1 ? "its last fire" : `its last ${task.failures} fires`;
    return [
      warn(
        "tasks",
        `task ${name} has started nothing at ${times}: ${task.last_error}`,
        `yard explain ${name}`,
      ),
    ];
  });
  if (bad.length > 0) return bad;
  return [ok("tasks", `${count(tasks.length, "task")}, ${active.length} active, none fails`)];
}

/** As many nodes that are away are named. */
const MOST_NAMED = 3;

export function nodesCheck(nodes: readonly Pick<YardNode, "name" | "status" | "since">[]): Check {
  if (nodes.length === 0) return ok("nodes", "no node is paired");
  const away = nodes.filter(({ status }) => status === "disconnected");
  if (away.length === 0) return ok("nodes", `${count(nodes.length, "node")}, none is away`);
  const named = away.slice(0, MOST_NAMED).map(({ name, since }) => `${name} (since ${since})`);
  const more = away.length > MOST_NAMED ? `, and ${away.length - MOST_NAMED} more` : "";
  return warn(
    "nodes",
    `${away.length} of ${count(nodes.length, "node")} away: ${named.join(", ")}${more}`,
    "yard node show NAME says why; yard node revoke NAME where one is gone for good",
  );
}

/** The file beside the audit's chain. */
export function auditCheck({ path, status, since, reason, missed }: AuditFile): Check {
  if (status === "failing")
    return warn(
      "audit.file",
      `${path} cannot be written since ${since}: ${reason}; the audit in the database is whole`,
      "make room or mend its rights; it is tried again every second",
    );
  if (missed === 0) return ok("audit.file", `${path} is written`);
  return warn(
    "audit.file",
    `${path} lacks ${count(missed, "entry", "entries")}, which are in the database`,
    "yard audit shows them; the count begins anew with the next start",
  );
}

export function feedCheck(lagMs: number): Check {
  const summary = `the oldest change that nobody can see yet is ${Math.round(lagMs / 1_000)} s old`;
  const advice = "an open transaction holds it back; postgres.transactions names it";
  if (lagMs >= BAD_LAG_MS) return bad("feed", summary, advice);
  return lagMs >= LAG_MS ? warn("feed", summary, advice) : ok("feed", "changes are seen at once");
}

function count(number: number, what: string, many = `${what}s`): string {
  return `${number} ${number === 1 ? what : many}`;
}
