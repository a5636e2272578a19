import type { OnPoint } from "../points.ts";
import type { Timers } from "../scheduler/timers.ts";
import type { Assignment } from "./assignment.ts";
import { kindOf, type RunnerKind } from "./runner-kind.ts";

/** Where ready attempts are leased. */
export interface ClaimSources {
  /** Leases ready attempts without a lane for this session; fewer than asked says that no more are ready. */
  readonly claim: (runner: RunnerKind, limit: number) => Promise<Assignment[]>;
  /** The same for every lane with ready attempts, by the lanes' limits; each lane's are handed over at once. */
  readonly claimLanes: (
    free: { readonly [R in RunnerKind]: number },
    take: (got: Assignment[]) => void,
  ) => Promise<void>;
  /** What claims leased and did not hand over, and when to look for such leases, where there may be some. */
  readonly recall: () => Promise<Assignment[]>;
  readonly recallInMs: () => number | undefined;
}

export interface ClaimLoopDeps extends ClaimSources {
  /** Places by kind: what is being claimed has taken its own. Shared with the worker. */
  readonly free: { [R in RunnerKind]: number };
  /** How many of a kind may be claimed now. */
  readonly room: (kind: RunnerKind) => number;
  /** Has its place, and its lease is durable. */
  readonly accept: (assignment: Assignment) => void;
  readonly isOpen: () => boolean;
  readonly mayBegin: () => boolean;
  readonly timers: Timers;
  readonly onPoint?: OnPoint | undefined;
  readonly onError: (error: unknown, what: string) => void;
}

const KINDS = ["core", "process"] as const;

/** After a claim that failed. */
const CLAIM_AGAIN_MS = 500;

/** Knows of what ready attempts may wait in the store, and leases them as there is room for them. */
export function createClaimLoop(deps: ClaimLoopDeps) {
  const { free, room, accept, isOpen } = deps;
  // True at first: what another process left is found by claiming.
  const waits = { core: true, process: true };
  const waitsInLanes = { core: true, process: true };
  const claiming: { [C in "kinds" | "lanes"]?: Promise<void> | undefined } = {};
  let again: { readonly inMs: number; readonly cancel: () => void } | undefined;

  function wake(): void {
    if (!deps.mayBegin()) return;
    if (KINDS.some((kind) => room(kind) > 0 && waits[kind])) begin("kinds", claimKinds);
    if (KINDS.some((kind) => room(kind) > 0 && waitsInLanes[kind])) begin("lanes", claimFromLanes);
  }

  /** Beside each other: a claim from lanes waits for their locks, which must not keep what is in no lane. */
  function begin(what: keyof typeof claiming, claim: () => Promise<void>): void {
    claiming[what] ??= claim().then(
      () => {
        claiming[what] = undefined;
        recallLater();
        // What was inserted behind the back of the last claim must not wait for the next look.
        wake();
      },
      (error: unknown) => {
        claiming[what] = undefined;
        deps.onError(error, "ready attempts could not be leased; trying again");
        claimAgain(CLAIM_AGAIN_MS);
      },
    );
  }

  /** It may have leased in spite of the error; and nobody else says that what it was to lease still waits. */
  function claimAgain(inMs: number): void {
    if (again !== undefined && again.inMs <= inMs) return;
    again?.cancel();
    const cancel = deps.timers.after(inMs, () => {
      // One recall at a time: two would both find the same leases.
      again = { inMs: 0, cancel };
      void recall().then(() => {
        again = undefined;
        recallLater();
        poll();
      });
    });
    again = { inMs, cancel };
  }

  function recallLater(): void {
    const inMs = deps.recallInMs();
    if (isOpen() && inMs !== undefined) claimAgain(Math.max(inMs, 1));
  }

  async function recall(): Promise<void> {
    try {
      for (const assignment of isOpen() ? await deps.recall() : []) {
        free[kindOf(assignment)]--;
        accept(assignment);
      }
    } catch (error) {
      deps.onError(error, "what a failed claim leased could not be looked for; trying again");
    }
  }

  /** Looks again at everything. */
  function poll(): void {
    for (const kind of KINDS) {
      waits[kind] = true;
      waitsInLanes[kind] = true;
    }
    wake();
  }

  async function claimKinds(): Promise<void> {
    for (const kind of KINDS) {
      while (isOpen() && waits[kind] && room(kind) > 0) await claimKind(kind);
    }
  }

  async function claimKind(kind: RunnerKind): Promise<void> {
    const asked = room(kind);
    // Told before the answer: what is inserted as ready meanwhile sets it again.
    waits[kind] = false;
    free[kind] -= asked;
    let got: Assignment[] = [];
    try {
      got = await deps.claim(kind, asked);
    } finally {
      free[kind] += asked - got.length;
    }
    if (got.length > 0) deps.onPoint?.("claim.leased");
    if (got.length === asked) waits[kind] = true;
    for (const assignment of got) accept(assignment);
  }

  async function claimFromLanes(): Promise<void> {
    // Half of what is free: the rest is there for what is in no lane while this waits for a lock.
    const half = (kind: RunnerKind): number =>
      waitsInLanes[kind] ? Math.max(Math.ceil(room(kind) / 2), 0) : 0;
    const left = { core: half("core"), process: half("process") };
    const asked = { ...left };
    for (const kind of KINDS) {
      free[kind] -= asked[kind];
      // A kind that has no room now (a claim beside this one may have it) waits on.
      if (asked[kind] > 0) waitsInLanes[kind] = false;
    }
    try {
      await deps.claimLanes({ ...left }, (got) => {
        if (got.length > 0) deps.onPoint?.("claim.leased");
        for (const assignment of got) {
          left[kindOf(assignment)]--;
          accept(assignment);
        }
      });
      // It took all that it asked for of a kind: there may be more, and there is room for it.
      for (const kind of KINDS) if (asked[kind] > 0 && left[kind] === 0) waitsInLanes[kind] = true;
    } finally {
      for (const kind of KINDS) free[kind] += left[kind];
    }
  }

  return {
    /** Claims what there may be and is room for. */
    wake,
    poll,
    /** Something may be ready: rows were inserted, became due, or a lane was freed. */
    backlog(runner: RunnerKind, queue: string): void {
      if (queue === "") waits[runner] = true;
      else waitsInLanes[runner] = true;
      wake();
    },
    /** Whether older ones without a lane are known to wait. */
    isBehind: (runner: RunnerKind): boolean => waits[runner],
    /** Resolves when no claim is under way. */
    async idle(): Promise<void> {
      await Promise.all([claiming.kinds, claiming.lanes]);
    },
  };
}
