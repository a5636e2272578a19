import type { Database } from "../db/index.ts";
import type { RunningEngine } from "../engine/index.ts";
import type { Packs } from "../packs/index.ts";
import type { Logger, Metrics, Traces } from "../telemetry/index.ts";

export interface ApiDeps {
  readonly database: Database;
  readonly packs: Packs;
  readonly engine: RunningEngine;
  readonly metrics: Metrics;
  /** Undefined where nothing is traced. */
  readonly traces: Traces | undefined;
  readonly startedAt: Date;
  readonly log: Logger;
}
