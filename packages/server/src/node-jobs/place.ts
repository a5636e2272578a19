import type { WorkError } from "@yardmaster/protocol";
import { INPUT_FILES, WORK_FILES } from "@yardmaster/protocol/node";
import type { NodePlace, NodeSession } from "../engine/index.ts";
import type { LeaseOnNode, LinkSession } from "../nodes/index.ts";
import {
  createRemoteRunner,
  createWork,
  type RemoteProcess,
  type RemoteStart,
  type StartRemote,
} from "../runners/index.ts";
import type { PackManifest } from "./files/pack-manifest.ts";
import { actorOf, type JobFacts, jobAudit } from "./job/audited-job.ts";
import { createJob, type Job } from "./job/job.ts";
import type { JobFrame } from "./job/job.types.ts";
import { jobPayloadOf } from "./job/job-payload.ts";
import type { NodeJobsDeps, NodeJobsOptions } from "./node-jobs.types.ts";

export interface PlaceDeps extends NodeJobsDeps {
  readonly manifest: PackManifest;
}

/** A node whose changes of room fell together owes some that it never says. */
const MOST_READY_DUE = 1_000;

/**
 * A node that takes jobs, from the first that it offers to have room for until its link is gone for good. It outlives
 * links: while one is cut its jobs go on, and their leases with them.
 */
export function createPlace(deps: PlaceDeps, options: NodeJobsOptions, first: LinkSession) {
  let link: LinkSession = first;
  let session: NodeSession | undefined;
  let isOpening = false;
  let isOver = false;
  /** As the node has last said it, with the jobs that it had then. */
  let capacity = 0;
  /** How often it may still say how much room it has: with the begin and the end of each job that it was offered. */
  let readyDue = 0;
  const jobs = new Map<string, Job>();

  const processes = createRemoteRunner({ ...options.limits, start, now: deps.now });
  const place: NodePlace = {
    nodeId: first.nodeId,
    name: () => link.nodeName,
    labels: () => link.labels,
    capacity: () => (link.isDraining ? 0 : capacity),
    isReachable: () => link.isOpen,
    work: createWork(processes, {
      ...options.limits,
      now: deps.now,
      ...(deps.readSecrets !== undefined && { readSecrets: deps.readSecrets }),
    }),
    onEnded: () => {
      isOver = true;
    },
  };

  /** The node has room: from now on it is given jobs. False: it says so more often than that could change. */
  function ready(slots: number): boolean {
    capacity = slots + [...jobs.values()].filter((job) => job.isRunning()).length;
    if (session !== undefined) session.ready();
    else if (!isOpening) void open();
    if (readyDue === 0) return false;
    readyDue--;
    return true;
  }

  async function open(): Promise<void> {
    isOpening = true;
    try {
      const opened = await deps.nodeWork.open(place);
      if (isOver) await opened.close("its link is gone");
      else session = opened;
    } catch (error) {
      // It says again that it has room.
      deps.onError(error, `node ${link.nodeName} could not be given a session for its jobs`);
    } finally {
      isOpening = false;
    }
  }

  function start(what: RemoteStart, context: Parameters<StartRemote>[1]): RemoteProcess {
    const leaseId = deps.newId();
    const facts = factsOf(leaseId, what, context);
    const audit = jobAudit(deps.audit, facts);
    const job = createJob({
      leaseId,
      actor: actorOf(facts),
      fence: context.attempt,
      leaseMs: options.leaseMs,
      packFolder: what.packFolder,
      files: what.files,
      send: (frame) => link.send(frame),
      isLinked: () => link.isOpen,
      now: deps.now,
      isRenewed: () => session?.isRenewed() === true,
      onBusy: () => {
        capacity = Math.max(0, jobs.size - 1);
      },
      onBegun: context.onBegun,
      onEnded: (end) => {
        jobs.delete(leaseId);
        audit
          .end(end)
          .catch((error: unknown) => deps.onError(error, "a job's end was not audited"));
      },
    });
    jobs.set(leaseId, job);
    readyDue = Math.min(MOST_READY_DUE, readyDue + 2);
    void prepare(job, what, audit);
    return job.process;
  }

  async function prepare(
    job: Job,
    what: RemoteStart,
    audit: ReturnType<typeof jobAudit>,
  ): Promise<void> {
    try {
      const refused = lacks(what) ?? (await what.files?.attempt.refused());
      const packFiles = await deps.manifest(what.packFolder);
      const offered = refused ?? jobPayloadOf(what, packFiles);
      await audit.begin();
      job.offer("code" in offered ? { error: offered } : offered);
    } catch (error) {
      deps.onError(error, "a job could not be offered to its node");
      job.lose();
    }
  }

  /** A client that does not know them would run without what it was to be given. */
  function lacks({ files, inputFile }: RemoteStart): WorkError | undefined {
    const { features } = link.info;
    const hasFiles = files !== undefined && files.attempt.given.length > 0;
    if (hasFiles && !features.includes(WORK_FILES))
      return tooOld("put files into a work folder", WORK_FILES);
    if (inputFile !== undefined && !features.includes(INPUT_FILES))
      return tooOld("take the input as a file (input_as: file)", INPUT_FILES);
    return undefined;
  }

  function tooOld(what: string, feature: string): WorkError {
    const message = `The client of node ${link.nodeName} is too old to ${what} (it lacks ${feature}): update it there, or run the step elsewhere.`;
    return { code: "unsupported", message };
  }

  function factsOf(
    leaseId: string,
    what: RemoteStart,
    { runId, step, attempt }: { runId: string; step: string; attempt: number },
  ): JobFacts {
    const { nodeId, nodeName: node, sessionId } = link;
    return { nodeId, node, sessionId, leaseId, runId, step, attempt, command: what.argv.join(" ") };
  }

  return {
    nodeId: first.nodeId,
    isOf: (other: LinkSession): boolean => link.sessionId === other.sessionId,
    ready,
    changed: () => session?.ready(),
    running: () => [...jobs.values()].filter((job) => job.isAtWork()).length,
    /** Jobs that were offered, and ends of jobs that are not recorded yet. */
    unrecorded: () => Math.max(jobs.size, session?.unrecorded() ?? 0),
    /** "no_lease": there is no such job here, or it is under another fence. "due": it has to be said, and is not counted. */
    onFrame(
      frame: JobFrame | { readonly type: string; readonly lease_id: string },
    ): "no_lease" | "due" | "undue" {
      const job = jobs.get("lease_id" in frame ? frame.lease_id : frame.id);
      if (job === undefined || ("fence" in frame && frame.fence !== job.fence)) return "no_lease";
      return job.onFrame(frame as JobFrame) ? "due" : "undue";
    },
    /** The node is back over another link, with these leases: those of both sides go on. */
    resume(other: LinkSession, leases: readonly LeaseOnNode[]) {
      link = other;
      const listed = new Map(leases.map(({ lease_id, fence }) => [lease_id, fence]));
      for (const [id, job] of jobs) if (listed.get(id) !== job.fence) job.lose();
      return leases.map(({ lease_id, fence }) => ({
        lease_id,
        keep: !isOver && jobs.get(lease_id)?.fence === fence,
      }));
    },
    /** After `resume`: what could not be said while the link was cut. */
    resumed(): void {
      for (const job of jobs.values()) job.resumed();
      session?.ready();
    },
    /** It does not come back: what it had is lost. */
    async close(reason: string): Promise<void> {
      isOver = true;
      for (const job of [...jobs.values()]) job.lose();
      await session?.close(reason);
    },
  };
}

export type Place = ReturnType<typeof createPlace>;
