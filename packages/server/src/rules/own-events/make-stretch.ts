import type { Json, NewId } from "@yardmaster/protocol";
import type { Pool } from "pg";
import type { CommitUnit, Engine, FeedItem, RunRecord } from "../../engine/index.ts";
import { depthsOf, type EventRecord, ownEventsOf } from "../../events/index.ts";
import type { Judged, Rules } from "../rules.ts";
import { changedEvent, originOf } from "./changed.ts";
import { inquiryEvent, isOfInquiry } from "./inquiry-changed.ts";
import { ownTypeOf } from "./own-types.ts";
import { RUN_FINISHED, runFinishedEvent } from "./run-finished.ts";
import { type Stretch, stretchPart } from "./settle-part.ts";

export interface StretchDeps {
  readonly pool: Pool;
  readonly engine: Pick<Engine, "run" | "inquiry">;
  readonly rules: Pick<Rules, "judge">;
  readonly newId: NewId;
}

export type StretchUnit = CommitUnit & {
  readonly part: { readonly kind: typeof stretchPart; readonly row: Stretch };
};

/** Cursors, as in `Stretch`, and the revision of the rules by which it was chosen what is told. */
export interface StretchEnds {
  readonly from: string;
  readonly to: string;
  readonly revision: number;
}

/** Parents of a run that are looked at for the event that began it all; workflows are not nested as deep. */
const MAX_PARENTS = 100;

/** Makes the events of a stretch of the feed and judges them: everything that settles it in one commit. */
export function createStretches({ pool, engine, rules, newId }: StretchDeps) {
  /** The event that started a run, or the run of which it is a part. */
  async function causeOf(run: RunRecord): Promise<string | null> {
    let at: RunRecord | undefined = run;
    for (let i = 0; i < MAX_PARENTS && at !== undefined; i++) {
      if (at.event_id !== null) return at.event_id;
      const above: string | null = at.parent_id ?? at.retry_of;
      at = above === null ? undefined : await engine.run(above);
    }
    return null;
  }

  async function eventsOf(items: readonly FeedItem[]): Promise<EventRecord[]> {
    const runs = await runEventsOf(items.filter((item) => ownTypeOf(item) === RUN_FINISHED));
    const inquiries = await inquiryEventsOf(items.filter((item) => isOfInquiry(ownTypeOf(item))));
    const changes = items.filter((item) => {
      const type = ownTypeOf(item);
      return type !== RUN_FINISHED && !isOfInquiry(type);
    });
    return [...runs, ...inquiries, ...(await changeEventsOf(changes))];
  }

  async function inquiryEventsOf(items: readonly FeedItem[]): Promise<EventRecord[]> {
    const events: EventRecord[] = [];
    for (const item of items) {
      const type = ownTypeOf(item) ?? "";
      const { id } = item.change;
      const inquiry = await engine.inquiry(id);
      const known = await ownEventsOf(pool, type, [id]);
      if (inquiry === undefined || known.has(id)) continue;
      const run = await engine.run(inquiry.run_id);
      const causedBy = run === undefined ? null : await causeOf(run);
      const depths = await depthsOf(pool, causedBy === null ? [] : [causedBy]);
      const depth = ((causedBy && depths.get(causedBy)) || 0) + 1;
      events.push(inquiryEvent(inquiry, item, { id: newId(), type, depth, causedBy, run }));
    }
    return events;
  }

  async function changeEventsOf(items: readonly FeedItem[]): Promise<EventRecord[]> {
    const events: EventRecord[] = [];
    for (const item of items) {
      const type = ownTypeOf(item) ?? "";
      const origin = originOf(item);
      const known = await ownEventsOf(pool, type, [origin]);
      if (!known.has(origin)) events.push(changedEvent(item, { id: newId(), type }));
    }
    return events;
  }

  async function runEventsOf(finished: readonly FeedItem[]): Promise<EventRecord[]> {
    const ids = finished.map(({ change }) => change.id);
    // Where the feed had to be begun anew some are events already.
    const known = await ownEventsOf(pool, RUN_FINISHED, ids);
    const found = await Promise.all(ids.filter((id) => !known.has(id)).map((id) => engine.run(id)));
    const runs = found.filter((run) => run !== undefined);
    const causes = await Promise.all(runs.map(causeOf));
    const depths = await depthsOf(
      pool,
      causes.filter((id) => id !== null),
    );
    return runs.map((run, i) => {
      const causedBy = causes[i] ?? null;
      const depth = ((causedBy && depths.get(causedBy)) || 0) + 1;
      return runFinishedEvent(run, { id: newId(), depth, causedBy });
    });
  }

  /**
   * Undefined where all are events already, or are gone. `asErrors` keeps the runs that rules would start from being
   * written: what the database refuses must not stand in the way of everything behind it.
   */
  return async function make(
    items: readonly FeedItem[],
    ends: StretchEnds & { readonly asErrors?: string },
  ): Promise<StretchUnit | undefined> {
    const events = await eventsOf(items);
    if (events.length === 0) return undefined;
    const judged: Judged[] = [];
    for (const event of events) judged.push(await rules.judge(event));
    const rows = events.map((event) => ({ event, dataText: JSON.stringify(event.data as Json) }));
    const decisions = judged.flatMap((one) => one.decisions);
    const { asErrors } = ends;
    const row: Stretch = {
      opId: newId(),
      from: ends.from,
      to: ends.to,
      // Where they changed in between, the oldest is refused, and all are judged again.
      revision: Math.min(ends.revision, ...judged.map(({ revision }) => revision)),
      events: rows,
      decisions:
        asErrors === undefined
          ? decisions
          : decisions.map((decision) =>
              decision.run_id === null
                ? decision
                : { ...decision, status: "error", run_id: null, reason: asErrors },
            ),
    };
    const runs = judged.flatMap(({ verdicts }) =>
      verdicts.flatMap(({ run }) => (run === null || asErrors !== undefined ? [] : [run])),
    );
    return {
      part: { kind: stretchPart, row },
      runs,
      announce: events.map(({ id, type }) => ({ type: "event.created", id, event: type })),
      bytes: rows.reduce((sum, { dataText }) => sum + dataText.length, 0),
    };
  };
}
