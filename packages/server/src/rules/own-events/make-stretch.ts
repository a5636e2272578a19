import type { Json, NewId } from "@yardmaster/protocol";
import type { Pool } from "pg";
import type { CommitUnit, Engine, FeedItem } from "../../engine/index.ts";
import { type EventRecord, ownEventsOf } from "../../events/index.ts";
import { type Behind, behindRuns } from "../behind-run.ts";
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

/** Of a run that is gone. */
const UNKNOWN: Behind = { depth: 1, causedBy: null };

/** Makes the events of a stretch of the feed and judges them: everything that settles it in one commit. */
export function createStretches({ pool, engine, rules, newId }: StretchDeps) {
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
      const [behind = UNKNOWN] = await behindRuns(pool, engine, run === undefined ? [] : [run]);
      events.push(inquiryEvent(inquiry, item, { id: newId(), type, ...behind, run }));
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
    const behind = await behindRuns(pool, engine, runs);
    return runs.map((run, i) => runFinishedEvent(run, { id: newId(), ...(behind[i] ?? UNKNOWN) }));
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
