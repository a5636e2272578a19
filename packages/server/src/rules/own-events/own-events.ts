import { isAppError, type NewId, OWN_EVENT_TYPES } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { isConnectionLoss, type Log } from "../../db/index.ts";
import {
  type FeedItem,
  type RunningEngine,
  type Settled,
  startFeedLoop,
} from "../../engine/index.ts";
import type { TraceEvent } from "../../events/index.ts";
import type { CurrentRules } from "../current-rules.ts";
import type { Rules } from "../rules.ts";
import { carriedOn, haveSameTypes, isNobodyListening, listeningOn } from "./listening.ts";
import { createStretches, type StretchEnds, type StretchUnit } from "./make-stretch.ts";
import { ownTypeOf } from "./own-types.ts";
import { movePlace, type Place, readPlace } from "./place.store.ts";
import type { Stretch } from "./settle-part.ts";

export interface OwnEventsDeps {
  readonly pool: Pool;
  readonly engine: Pick<RunningEngine, "commit" | "run" | "inquiry" | "feed" | "counters">;
  readonly rules: Pick<Rules, "judge" | "refresh" | "current">;
  /** Told of each that is durable; for traces and metrics. */
  readonly onEvent?: TraceEvent | undefined;
  readonly log: Log;
  readonly newId: NewId;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface OwnEventsOptions {
  /** How often the place is moved on while no rule listens; 10 s. */
  readonly restMs?: number;
  /** How long a process stands by after another one was first; 2 s. */
  readonly standbyMs?: number;
}

export interface OwnEvents {
  /** Settles the next stretch of the feed. For tests, and for the loop that is started with it. */
  runOnce(): Promise<Settled>;
  /** Ends the loop; resolves when what is under way is settled. */
  close(): Promise<void>;
}

/** Items of the feed that are read at once. */
const READ = 1_000;
/** Items that become events in one commit. */
const MAX_EVENTS = 100;
/** Items that may be passed over before the place is written down: they are read again after a restart. */
const MAX_UNWRITTEN = 10_000;

/**
 * Makes events of finished runs, of questions and of changes of nodes, where a rule that is on listens. It follows the engine's
 * change feed from a place in the database that moves in the transaction of the events (see `stretchPart`). While
 * nobody listens it reads nothing. Any number of processes may run it.
 */
export function createOwnEvents(deps: OwnEventsDeps, options: OwnEventsOptions = {}): OwnEvents {
  const { pool, engine, rules, log, now } = deps;
  const { restMs = 10_000, standbyMs = 2_000 } = options;
  const make = createStretches(deps);
  let place: Place | undefined;
  /** Behind the place, in memory: what was passed over since. */
  let seen: { readonly cursor: string; readonly items: number } | undefined;
  let mostEvents = MAX_EVENTS;
  let restedAt = Number.NEGATIVE_INFINITY;

  async function runOnce(): Promise<Settled> {
    const known = await rules.current();
    place ??= await readPlace(pool);
    const listening = carriedOn(place.listening, listeningOn(OWN_EVENT_TYPES, known));
    if (isNobodyListening(listening)) return rest(place, known);
    // What was passed over in memory is read again: it may be meant now.
    if (!haveSameTypes(place.listening, listening))
      return moveTo(place, { ...place, listening }, known);
    return settleNext(place, known);
  }

  async function rest(from: Place, known: CurrentRules): Promise<Settled> {
    const isAtRest = isNobodyListening(from.listening);
    if (isAtRest && now() - restedAt < restMs) return "idle";
    restedAt = now();
    const cursor = await engine.feed.head();
    if (cursor === from.cursor && isAtRest) return "idle";
    const moved = await moveTo(from, { cursor, listening: {} }, known);
    return moved === "more" ? "idle" : moved;
  }

  /**
   * Who knows old rules must not move it: it would pass over what others are about to settle. `known` are those by
   * which it is moved, not those of now: a rule may have been switched on since, and a run ended after that.
   */
  async function moveTo(from: Place, to: Place, known: CurrentRules): Promise<Settled> {
    seen = undefined;
    place = (await movePlace(pool, from, to, known.revision)) ? to : undefined;
    if (place !== undefined) return "more";
    await rules.refresh();
    return (await rules.current()).revision === known.revision ? "standby" : "more";
  }

  async function settleNext(from: Place, known: CurrentRules): Promise<Settled> {
    const { gap, items } = await engine.feed.read(seen?.cursor ?? from.cursor, READ);
    if (gap) return beginAnew(from, known);
    const isMeant = (item: FeedItem): boolean => {
      const since = from.listening[ownTypeOf(item) ?? ""];
      return since !== undefined && item.at >= since;
    };
    const told = items.filter(isMeant).slice(0, mostEvents);
    const end = told.length === mostEvents ? told.at(-1) : items.at(-1);
    if (end === undefined) return "idle";
    if (told.length === 0)
      return passOver(from, { cursor: end.cursor, items: items.length }, known);
    return settle(from, { told, to: end.cursor }, known);
  }

  async function passOver(
    from: Place,
    { cursor, items }: { readonly cursor: string; readonly items: number },
    known: CurrentRules,
  ): Promise<Settled> {
    seen = { cursor, items: (seen?.items ?? 0) + items };
    if (seen.items < MAX_UNWRITTEN) return "more";
    return moveTo(from, { ...from, cursor }, known);
  }

  async function settle(
    from: Place,
    { told, to }: { readonly told: readonly FeedItem[]; readonly to: string },
    known: CurrentRules,
  ): Promise<Settled> {
    const ends = { from: from.cursor, to, revision: known.revision };
    const unit = await make(told, ends);
    if (unit === undefined) return moveTo(from, { ...from, cursor: to }, known);
    const settled = await commit(unit).catch((error: unknown) => refused(told, ends, error));
    if (settled !== "done") return settled;
    place = { ...from, cursor: to };
    seen = undefined;
    mostEvents = MAX_EVENTS;
    return "more";
  }

  /** The database refused the write: the items come one by one, and what a rule would start of one that it refuses is not started. */
  async function refused(
    told: readonly FeedItem[],
    ends: StretchEnds,
    error: unknown,
  ): Promise<Settled | "done"> {
    if (isConnectionLoss(error) || isAppError(error)) throw error;
    mostEvents = 1;
    if (told.length > 1) return "more";
    log.warn({ err: error }, "what a rule would start of an own event cannot be written");
    const asErrors = `the run cannot be written: ${(error as Error).message}`;
    const unit = await make(told, { ...ends, asErrors });
    return unit === undefined ? "more" : commit(unit);
  }

  async function commit(unit: StretchUnit): Promise<Settled | "done"> {
    const outcome = await engine.commit(unit);
    if (outcome === "done") {
      tell(unit.part.row);
      return "done";
    }
    if (outcome.refused === "stale_rules") {
      await rules.refresh();
      return "more";
    }
    place = undefined;
    seen = undefined;
    return "standby";
  }

  function tell({ events, decisions }: Stretch): void {
    const { onEvent } = deps;
    if (onEvent === undefined) return;
    for (const { event } of events)
      onEvent(
        event,
        decisions.filter((decision) => decision.event_id === event.id),
      );
  }

  /**
   * The feed of a moved or restored database, or one that does not reach back so far: its oldest item is next. The
   * first came with this very place, so that nothing of it is missing.
   */
  async function beginAnew(from: Place, known: CurrentRules): Promise<Settled> {
    const [epoch] = (await engine.feed.head()).split(".");
    if (from.cursor.startsWith(`${epoch}.`))
      log.warn(
        { cursor: from.cursor },
        "the change feed begins anew: what happened before may have told no rule",
      );
    return moveTo(from, { ...from, cursor: `${epoch}.0.0.0` }, known);
  }

  const loop = startFeedLoop({
    ...{ runOnce, engine, standbyMs, log },
    onFailure: "finished runs cannot be told to rules now",
  });
  return { runOnce, close: loop.close };
}
