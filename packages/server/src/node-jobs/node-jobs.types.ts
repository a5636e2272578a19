import type { AuditRecorder } from "../audit/index.ts";
import type { NodeWork } from "../engine/index.ts";
import type { ProcessLimits, ReadSecrets } from "../runners/index.ts";

export interface NodeJobsDeps {
  readonly nodeWork: NodeWork;
  readonly audit: AuditRecorder;
  /** Without it no secrets are to be had. */
  readonly readSecrets?: ReadSecrets;
  readonly newId: () => string;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly onError: (error: unknown, what: string) => void;
}

export interface NodeJobsOptions {
  /** How long a node goes on with its jobs without a link. */
  readonly leaseMs: number;
  /** Of what jobs print; the defaults of runners where nothing is given. */
  readonly limits?: Partial<ProcessLimits>;
}
