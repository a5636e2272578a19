import type { Readiness, ServerStatus } from "@yardmaster/protocol";
import type { Audit } from "./audit/index.ts";
import { type Database, placeOf, requireWritable, standstillOf } from "./db/index.ts";
import type { RunningEngine } from "./engine/index.ts";
import { VERSION } from "./version.ts";

/** For `/readyz`: whether what is new could be written down. Rejects while PostgreSQL does not answer. */
export async function readiness(deps: {
  readonly database: Pick<Database, "pool">;
  readonly engine: Pick<RunningEngine, "reach">;
}): Promise<Readiness> {
  try {
    await Promise.all([requireWritable(deps.database.pool), deps.engine.reach()]);
    return { status: "ready", reason: null };
  } catch (error) {
    const reason = standstillOf(error);
    if (reason === undefined) throw error;
    return { status: "unready", reason };
  }
}

/** What `/v1/status` and `yard status` tell. */
export async function serverStatus(deps: {
  readonly database: Database;
  readonly engine: Pick<RunningEngine, "sessions" | "queueDepths">;
  readonly roles: readonly string[];
  readonly startedAt: Date;
  /** Only a process with the role `api` has one. */
  readonly audit?: Pick<Audit, "file"> | undefined;
}): Promise<ServerStatus> {
  const { database, engine } = deps;
  const [sessions, queues] = await Promise.all([engine.sessions(), engine.queueDepths()]);
  return {
    version: VERSION,
    started_at: deps.startedAt.toISOString(),
    roles: [...deps.roles],
    database: {
      mode: database.embedded ? "embedded" : "external",
      version: versionText(database.serverVersion),
      place: database.home ?? placeOf(database.url),
    },
    sessions,
    queues: queues.map(({ queue, ready, delayed, leased }) => ({ queue, ready, delayed, leased })),
    ...(deps.audit && { audit: deps.audit.file() }),
  };
}

/** 180004 is 18.4. */
function versionText(number: number): string {
  return `${Math.floor(number / 10_000)}.${number % 10_000}`;
}
