/** What carries out the attempts of actions. The engine's worker calls it; it knows no database. */
import { runCore } from "./core.ts";
import { createMcpRunner } from "./mcp/index.ts";
import { createProcessRunner, type ProcessRunnerOptions } from "./process/process.ts";
import { createStrays } from "./process/strays.ts";
import { createWork, type Work, type WorkOptions } from "./work.ts";

export { type AttemptFiles, type ContentSink, listedFlaw } from "./files/index.ts";
export {
  allowEntryFlaw,
  createRequester,
  isReply,
  type Reply,
  type Requester,
} from "./http/index.ts";
export { describeBytes, type ProcessLimits } from "./limits.ts";
export { NotBegun, notBegun } from "./not-begun.ts";
export {
  createLastingStarter,
  type LastingProcess,
  type StartLasting,
} from "./process/lasting.ts";
export { killOrphansOfSession } from "./process/orphans.ts";
export { type PackOnDisk, startFlaw } from "./process/start-flaw.ts";
export { lastLines } from "./process/stderr-tail.ts";
export {
  createRemoteRunner,
  type RemoteEnd,
  type RemoteProcess,
  type RemoteStart,
  type StartRemote,
} from "./remote/index.ts";
export { createRemotePipe, type RemotePipe } from "./remote-pipe.ts";
export { type RunAs, readRunAs, runAsFlaw } from "./run-as/run-as.ts";
export {
  type AttemptContext,
  type AttemptResult,
  type LogChunk,
  NOTHING_RAN,
  type Runner,
  type StopReason,
} from "./runner.ts";
export { createSpawners, type Spawners } from "./spawner/spawners.ts";
export type { ReadSecrets } from "./with-secrets.ts";
export { createWork } from "./work.ts";
export { createWorkFolders, type WorkFolders } from "./work-folder/work-folder.ts";
export { openWorkRoot } from "./work-folder/work-root.ts";

export interface Runners {
  readonly core: typeof runCore;
  readonly work: Work;
  /** Resolves when nothing is left of what has ended. */
  readonly close?: () => Promise<void>;
}

/** The runners of one worker, with its limits and times. */
export function createRunners(options: ProcessRunnerOptions & WorkOptions = {}): Runners {
  const { strays = createStrays() } = options;
  const own = { ...options, strays };
  const work = createWork(createProcessRunner(own), { ...options, mcp: createMcpRunner(own) });
  return { core: runCore, work, close: strays.close };
}
