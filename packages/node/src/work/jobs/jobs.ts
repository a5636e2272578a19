import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type {
  LeaseDecision,
  ProcessPayload,
  ResumedLease,
  ServerFrames,
} from "@yardmaster/protocol/node";
import type { SpawnDeps } from "../calls/spawned.ts";
import type { Outbox } from "../outbox.ts";
import type { Budget } from "../output/budget.ts";
import { codeOf, type Refusal } from "../refusal.ts";
import type { WorkDeps, WorkOptions } from "../work.types.ts";
import { answerFetch } from "./answer-fetch.ts";
import { checkOffer } from "./check-offer.ts";
import { createContentStore } from "./content-store.ts";
import { createFetching, type Fetching } from "./fetching.ts";
import { createJob, type Job, type TaskOffer } from "./job.ts";
import { createJobAudit } from "./job-audit.ts";
import { createLease, type Lease } from "./lease.ts";
import { createPackFolders } from "./pack-folders.ts";

/** Jobs of the server's that this node carries out under leases. */
export interface Jobs {
  offer(frame: TaskOffer): void;
  file(frame: ServerFrames["task_file"]): void;
  renewed(frame: ServerFrames["task_renewed"]): void;
  lost(frame: ServerFrames["task_lost"]): void;
  logAck(frame: ServerFrames["task_log_ack"]): void;
  cancel(frame: ServerFrames["task_cancel"]): void;
  fetch(frame: ServerFrames["task_fetch"]): void;
  done(frame: ServerFrames["task_done"]): void;
  leases(): ResumedLease[];
  /** Those that have not ended. */
  running(): number;
  linkUp(before: readonly LeaseDecision[] | "fresh"): void;
  linkDown(): void;
  /** Nobody will come back to them. */
  abandon(): void;
  /** Stops all. Their results are sent as of canceled ones. */
  stopAll(): void;
  /** Resolves when every job has ended. */
  ended(): Promise<void>;
  /** Resolves when no folder of a job that was given up is left. */
  freed(): Promise<void>;
}

export interface JobsDeps extends SpawnDeps, Pick<WorkDeps, "audit" | "refusalOf" | "log"> {
  readonly outbox: Outbox;
  readonly budget: Budget;
  readonly env: Readonly<Record<string, string>>;
  readonly isDraining: () => boolean;
  readonly onChange: () => void;
}

export interface JobsOptions extends Pick<WorkOptions, "allow" | "slots" | "stateFolder"> {
  /** Of this process: what an earlier one has left is not used. */
  readonly runFolder: string;
  /** What the store of files may take. */
  readonly storeMostBytes: number;
}

interface Held {
  readonly job: Job;
  readonly lease: Lease;
  readonly fetching: Fetching;
}

/** Folders of jobs that the server asked to keep. */
const KEPT_MOST = 16;

export function createJobs(deps: JobsDeps, options: JobsOptions): Jobs {
  const { outbox } = deps;
  const audit = createJobAudit(deps.audit, outbox);
  const jobsFolder = join(options.runFolder, "jobs");
  const store = createContentStore(join(options.stateFolder, "store"), options.storeMostBytes);
  const packs = createPackFolders(join(options.runFolder, "packs"), store);
  mkdirSync(jobsFolder, { recursive: true, mode: 0o700 });
  const held = new Map<string, Held>();
  const kept: Job[] = [];
  const freeing = new Set<Promise<void>>();

  const withHeld = (leaseId: string, act: (one: Held) => void): void => {
    const one = held.get(leaseId);
    if (one !== undefined) act(one);
  };

  const free = (job: Job): void => {
    const freed: Promise<void> = job
      .free()
      .catch((error: unknown) => {
        const lease = job.offer.lease_id;
        deps.log("warn", `the folder of job ${lease} cannot be removed (${codeOf(error)})`);
      })
      .finally(() => freeing.delete(freed));
    freeing.add(freed);
  };

  /** Nothing more is said or heard of it. */
  const forget = (leaseId: string, { job, lease, fetching }: Held): void => {
    held.delete(leaseId);
    lease.stop();
    fetching.stop();
    job.log.mute();
    deps.onChange();
  };

  /** Its folder stays, for whoever wants to look; that of the oldest goes. */
  const keep = (job: Job): void => {
    kept.push(job);
    void job.release();
    if (kept.length > KEPT_MOST) free(kept.shift() as Job);
  };

  const lose = (leaseId: string): void =>
    withHeld(leaseId, (one) => {
      one.job.stop("lost", 0);
      forget(leaseId, one);
      free(one.job);
    });

  const reject = (offer: TaskOffer, refusal: Refusal): void => {
    audit.rejected(offer, refusal);
    outbox.send({ type: "task_reject", id: offer.id, ...refusal });
  };

  const running = (): number => [...held.values()].filter(({ job }) => !job.hasEnded()).length;

  const begin = (offer: TaskOffer, payload: ProcessPayload): void => {
    const { lease_id, fence, lease_ms } = offer;
    const job = createJob(offer, payload, {
      ...deps,
      packs,
      store,
      root: jobsFolder,
      folder: join(jobsFolder, createHash("sha256").update(lease_id).digest("hex").slice(0, 32)),
      onEnd: (ended, result) => {
        audit.end(ended.offer, result);
        deps.onChange();
      },
    });
    const lease = createLease({
      leaseMs: lease_ms,
      renew: () => void outbox.send({ type: "task_renew", lease_id, fence }),
      onLost: () => {
        deps.log("warn", `the lease of job ${offer.job.id} was not renewed in time: it is killed`);
        lose(lease_id);
      },
    });
    const fetching = createFetching([...payload.files, ...payload.work_files], {
      leaseId: lease_id,
      outbox,
      store,
      onComplete: () => void job.run(),
      onFlaw: (error) => void job.fail(error),
    });
    held.set(lease_id, { job, lease, fetching });
    audit.begin(offer, payload);
    outbox.send({ type: "task_accept", id: offer.id });
    fetching.begin();
    deps.onChange();
  };

  return {
    offer(frame) {
      const known = held.get(frame.lease_id);
      if (known !== undefined) {
        outbox.send({ type: "task_accept", id: frame.id });
        return known.fetching.begin();
      }
      const isFull = running() >= options.slots;
      const checked = checkOffer(frame, { ...options, ...deps, isFull });
      if ("reason" in checked) reject(frame, checked);
      else begin(frame, checked.payload);
    },
    file: (frame) => withHeld(frame.lease_id, ({ fetching }) => fetching.take(frame)),
    renewed: ({ lease_id }) => withHeld(lease_id, ({ lease }) => lease.renewed()),
    lost: ({ lease_id }) => lose(lease_id),
    logAck: ({ lease_id, seq, credit_bytes }) =>
      withHeld(lease_id, ({ job }) => job.log.ack(seq, credit_bytes)),
    cancel: ({ lease_id, grace_ms }) =>
      withHeld(lease_id, ({ job, fetching }) => {
        fetching.stop();
        job.stop("canceled", grace_ms);
      }),
    fetch(frame) {
      void answerFetch(frame, held.get(frame.lease_id)?.job).then((data) => outbox.send(data));
    },
    done: ({ lease_id, keep: isKept }) =>
      withHeld(lease_id, (one) => {
        if (!one.job.hasEnded()) one.job.stop("lost", 0);
        forget(lease_id, one);
        if (isKept) keep(one.job);
        else free(one.job);
      }),
    leases: () =>
      [...held].map(([lease_id, { job }]) => ({
        lease_id,
        fence: job.offer.fence,
        last_seq: job.log.lastSeq(),
      })),
    running,
    linkUp(before) {
      const decisions = before === "fresh" ? [] : before;
      const kept = new Map(decisions.map((decision) => [decision.lease_id, decision]));
      for (const [leaseId, { job, lease, fetching }] of held) {
        const decision = kept.get(leaseId);
        if (decision?.keep !== true) lose(leaseId);
        else {
          lease.resume();
          fetching.resume();
          job.log.replay(decision.from_seq ?? 0);
        }
      }
    },
    linkDown() {
      for (const { job, lease } of held.values()) {
        lease.suspend();
        job.log.hold();
      }
    },
    abandon() {
      for (const leaseId of [...held.keys()]) lose(leaseId);
    },
    stopAll() {
      for (const { job, fetching } of held.values()) {
        fetching.stop();
        job.stop("canceled", 0);
      }
    },
    async ended() {
      await Promise.all([...held.values()].map(({ job }) => job.ended));
    },
    async freed() {
      await Promise.all(freeing);
    },
  };
}
