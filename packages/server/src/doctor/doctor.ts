import type { Checkup, Readiness } from "@yardmaster/protocol";
import type { Audit } from "../audit/index.ts";
import type { Database } from "../db/index.ts";
import type { RunningEngine } from "../engine/index.ts";
import type { Sources } from "../inbox/index.ts";
import type { Packs } from "../packs/index.ts";
import type { Queues } from "../queues/index.ts";
import type { Secrets } from "../secrets/index.ts";
import type { Sensors } from "../sensors/index.ts";
import type { Tasks } from "../tasks/index.ts";
import type { Trackers } from "../trackers/index.ts";
import { looked } from "./check.ts";
import {
  packsChecks,
  secretsChecks,
  sensorsChecks,
  sourcesChecks,
  tasksChecks,
  trackersChecks,
} from "./checks/definitions.ts";
import { auditCheck, feedCheck, nodesCheck } from "./checks/installation.ts";
import {
  dataFolderCheck,
  diskCheck,
  nodeCheck,
  type Programs,
  programsChecks,
} from "./checks/machine.ts";
import { postgresChecks, writesCheck } from "./checks/postgres.ts";
import { processesChecks, queuesChecks } from "./checks/processes.ts";

export interface DoctorDeps {
  readonly dataFolder: string;
  readonly programs: Programs;
  readonly database: Pick<Database, "pool" | "home">;
  readonly engine: Pick<RunningEngine, "sessions" | "queueDepths" | "feedLagMs">;
  /** What `/readyz` says. */
  readonly ready: () => Promise<Readiness>;
  readonly packs: Pick<Packs, "active" | "problems">;
  readonly sources: Pick<Sources, "list">;
  readonly queues: Pick<Queues, "list">;
  readonly sensors: Pick<Sensors, "list">;
  readonly secrets: Pick<Secrets, "list" | "unmet">;
  readonly tasks: Pick<Tasks, "all">;
  readonly trackers: Pick<Trackers, "list">;
  /** Those that are not revoked. */
  readonly nodes: () => Promise<Parameters<typeof nodesCheck>[0]>;
  readonly audit: Pick<Audit, "file">;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface Doctor {
  /** Looks at everything that this server can see of itself. Never rejects: what breaks is a line. */
  checkup(): Promise<Checkup>;
}

export function createDoctor(deps: DoctorDeps): Doctor {
  const { database, engine, packs } = deps;

  async function checkup(): Promise<Checkup> {
    const checks = await Promise.all([
      looked("node", () => [nodeCheck(process.versions.node)]),
      looked("programs", () => programsChecks(deps.programs)),
      looked("data", () => [
        dataFolderCheck(deps.dataFolder),
        diskCheck("data.disk", deps.dataFolder),
        ...(database.home === undefined ? [] : [diskCheck("postgres.disk", database.home)]),
      ]),
      looked("postgres", () => postgresChecks(database.pool)),
      looked("postgres.writes", async () => [writesCheck(await deps.ready())]),
      looked("workers", async () =>
        processesChecks(await engine.sessions(), await engine.queueDepths()),
      ),
      looked("queues", async () => {
        const sessions = await engine.sessions();
        const workers = sessions.filter(({ roles }) => roles.includes("worker")).length;
        return queuesChecks(await deps.queues.list(), await engine.queueDepths(), workers);
      }),
      looked("sensors", async () => sensorsChecks(await deps.sensors.list())),
      looked("secrets", async () =>
        secretsChecks(await deps.secrets.list(), await deps.secrets.unmet()),
      ),
      looked("tasks", async () => tasksChecks(await deps.tasks.all())),
      looked("trackers", async () => trackersChecks(await deps.trackers.list(), deps.now())),
      looked("nodes", async () => [nodesCheck(await deps.nodes())]),
      looked("feed", async () => [feedCheck(await engine.feedLagMs())]),
      looked("packs", async () => packsChecks(packs.active(), await packs.problems())),
      looked("audit", () => [auditCheck(deps.audit.file())]),
      looked("sources", async () => sourcesChecks(await deps.sources.list(), deps.now())),
    ]);
    return { checked_at: new Date(deps.now()).toISOString(), checks: checks.flat() };
  }

  return { checkup };
}
