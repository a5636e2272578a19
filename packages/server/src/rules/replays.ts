import {
  AppError,
  type Decision,
  type EventOutcome,
  type NewId,
  type Replayed,
  type ReplayReport,
} from "@yardmaster/protocol";
import type { Pool } from "pg";
import type { Change, Engine } from "../engine/index.ts";
import type { EventFilter, EventRecord, Events } from "../events/index.ts";
import { listDecisions } from "./decisions.store.ts";
import type { Verdict } from "./judging.ts";
import { type ReplayUnit, replayPart } from "./replay-part.ts";
import { nextReplay } from "./replays.store.ts";
import type { Rules } from "./rules.ts";
import { listensOn } from "./trial.ts";

export interface ReplaysDeps {
  readonly pool: Pool;
  readonly engine: Pick<Engine, "commit">;
  readonly rules: Pick<Rules, "judge" | "refresh" | "find">;
  readonly events: Pick<Events, "find" | "history">;
  /** Told of what was decided anew, when it is durable; for the metrics. */
  readonly onDecided?: ((decisions: readonly Decision[]) => void) | undefined;
  readonly newId: NewId;
}

export interface ReplayRequest {
  /** The request: an event is replayed once in it. UUIDv7. */
  readonly batch: string;
  /** The only rule that judges. */
  readonly rule?: string | undefined;
  readonly dryRun: boolean;
  /** `token:<name>`. */
  readonly by: string;
}

export interface BulkReplayRequest extends ReplayRequest {
  readonly filter: EventFilter;
  /** What the rule said last of each. */
  readonly outcome?: EventOutcome | undefined;
  readonly limit: number;
  /** Id of the last event of the answer before. */
  readonly cursor?: string | undefined;
}

/** Judges events again, by the rules as they are now, each replay under its own number. */
export interface Replays {
  /** @throws AppError `not_found`, `conflict` where the rule does not listen on the event's type */
  replay(eventId: string, request: ReplayRequest): Promise<Replayed>;
  /** A page of what the filter means, the oldest first; only what arrived before the batch was made. */
  replayMany(request: BulkReplayRequest): Promise<ReplayReport>;
}

/** Definitions may change, and others may replay the same event, between judging and commit; so often they do not. */
const MAX_TRIES = 20;

export function createReplays(deps: ReplaysDeps): Replays {
  const { pool, engine, rules, events, newId } = deps;

  async function replayOne(event: EventRecord, request: ReplayRequest): Promise<Replayed> {
    if (request.dryRun) {
      const { verdicts } = await rules.judge(event, { only: request.rule });
      return { ...briefOf(event), replay: null, repeated: false, decisions: verdicts.map(wouldBe) };
    }
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { next, before } = await nextReplay(pool, event.id, request.batch);
      if (before !== null) return repeated(event, before);
      const done = await tryReplay(event, next, request);
      if (done !== undefined) return done;
    }
    throw new AppError("unavailable", "The definitions change faster than events can be judged.");
  }

  async function tryReplay(
    event: EventRecord,
    replay: number,
    { batch, rule, by }: ReplayRequest,
  ): Promise<Replayed | undefined> {
    const { revision, verdicts, decisions } = await rules.judge(event, { replay, only: rule });
    if (verdicts.length === 0)
      return { ...briefOf(event), replay: null, repeated: false, decisions: [] };
    const row = {
      eventId: event.id,
      replay,
      batch,
      opId: newId(),
      rule: rule ?? null,
      requestedBy: by,
    };
    const unit: ReplayUnit = { row, revision, decisions };
    const runs = verdicts.flatMap(({ run }) => (run === null ? [] : [run]));
    const announce: Change[] = [
      { type: "event.replayed", id: event.id, event: event.type, replay },
    ];
    const outcome = await engine.commit({ part: { kind: replayPart, row: unit }, runs, announce });
    if (outcome === "done") {
      deps.onDecided?.(decisions);
      return { ...briefOf(event), replay, repeated: false, decisions: decisions.map(kept) };
    }
    if (outcome.refused === "stale_rules") await rules.refresh();
    return undefined;
  }

  /** What the same request has done before. */
  async function repeated(event: EventRecord, replay: number): Promise<Replayed> {
    const all = await listDecisions(pool, { event: event.id });
    const decisions = all.filter((decision) => decision.replay === replay).map(kept);
    return { ...briefOf(event), replay, repeated: true, decisions: decisions.toReversed() };
  }

  return {
    async replay(eventId, request) {
      const event = await events.find(eventId);
      if (event === undefined) throw new AppError("not_found", `There is no event ${eventId}.`);
      const rule = request.rule === undefined ? undefined : await rules.find(request.rule);
      if (rule !== undefined && !listensOn(rule.on, event.type))
        throw new AppError(
          "conflict",
          `Rule ${rule.ref} listens on ${rule.on}; the event is of type ${event.type}.`,
        );
      return replayOne(event, request);
    },

    async replayMany({ filter, outcome, limit, cursor, ...request }) {
      const { rule, batch } = request;
      if (rule !== undefined) await rules.find(rule);
      const said =
        rule === undefined || outcome === undefined ? undefined : { rule, outcome, batch };
      const page = await events.history({ ...filter, said, after: cursor, limit });
      const meant = page.filter((event) => event.id < request.batch);
      const replayed: Replayed[] = [];
      // One after another: what the runs of a FIFO queue keep is the order in which they are acknowledged.
      for (const event of meant) replayed.push(await replayOne(event, request));
      const heard = replayed.filter(({ decisions }) => decisions.length > 0);
      const isOver = page.length === 0 || meant.length < page.length;
      return {
        batch: request.batch,
        dry_run: request.dryRun,
        events: heard,
        unheard: replayed.length - heard.length,
        next: isOver ? null : (page.at(-1)?.id ?? null),
      };
    },
  };
}

function briefOf({ id, type }: EventRecord): Pick<Replayed, "event_id" | "type"> {
  return { event_id: id, type };
}

function wouldBe({
  rule,
  status,
  clause,
  reason,
  request,
}: Verdict): Replayed["decisions"][number] {
  return { rule, status, clause, reason, run_id: null, run: request };
}

function kept({ rule, status, clause, reason, run_id }: Decision): Replayed["decisions"][number] {
  return { rule, status, clause, reason, run_id, run: null };
}
