import type { IncomingHttpHeaders } from "node:http";
import { AppError, type Decision, type NewId } from "@yardmaster/protocol";
import type { Change, CommitUnit, Engine } from "../../engine/index.ts";
import { type EventRecord, receivedAt, type TraceEvent, traceOf } from "../../events/index.ts";
import type { Behind, Rules, Starter } from "../../rules/index.ts";
import { type Delivery, type DeliveryKey, sha256 } from "../deliveries/delivery.ts";
import type { InboxObserver } from "../observer.ts";
import type { Company } from "./companion.ts";
import { type IntakeRow, intakePart } from "./intake-part.ts";

/** Something that came in and was found genuine. */
export interface Arrival {
  readonly channel: Delivery["channel"];
  readonly source: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** SHA-256 of the body, where the caller has it already. */
  readonly bodySha256?: Buffer;
  readonly verifiedBy: string;
  readonly senderId: string | null;
  readonly keys: readonly DeliveryKey[];
  /** Why no event can be made of it; then `event` is null. */
  readonly problem: string | null;
  readonly event: ArrivedEvent | null;
  /** What asks for a run of the event beside the rules. */
  readonly starter?: () => Starter;
  /** What another feature writes with it; where that refuses it nothing is written. */
  readonly company?: Company;
  /** What is written with it behind all else, such as its line in the audit; made anew at each judgement. */
  readonly also?: (decisions: readonly Decision[]) => Also;
  /** Throws when it is not genuine any more: called when the definitions changed before it was durable. */
  recheck?(): Promise<void>;
}

export interface Also {
  readonly part: NonNullable<CommitUnit["also"]>;
  /** Called when it is durable. */
  readonly kept: () => void;
}

export type ArrivedEvent = Pick<
  EventRecord,
  "type" | "source" | "subject" | "originId" | "dataschema" | "extensions" | "data"
> & {
  /** When it happened; absent: when it arrived. */
  readonly time?: string | undefined;
  readonly traceparent?: string | undefined;
  /** The run that its `tracestate` names: that has sent it. */
  readonly sentBy?: string | undefined;
  /** The data as the JSON text that is kept. */
  readonly dataText: string;
  /** True where that text is the body, byte for byte. */
  readonly isBody: boolean;
};

export interface Taken {
  /** Of a duplicate, the event that came first; undefined where none was made, or it is gone. */
  readonly eventId: string | undefined;
  /** W3C: of the event that was made; undefined where none was. */
  readonly traceparent?: string | undefined;
  readonly duplicate: boolean;
  readonly decisions: readonly Decision[];
  /** By which word its companion has refused it: nothing of it is kept. */
  readonly refused?: string;
}

export interface IntakeDeps {
  readonly engine: Pick<Engine, "commit">;
  readonly rules: Pick<Rules, "judge" | "refresh" | "behind">;
  /** The event of the first delivery of which the given one is a duplicate. */
  readonly firstEventOf: (deliveryId: string) => Promise<string | undefined>;
  readonly observer?: InboxObserver | undefined;
  /** Where events are traced: told of each that is durable. */
  readonly traceEvent?: TraceEvent | undefined;
  readonly newId: NewId;
}

/** Resolves when delivery, event, decisions and runs are durable, all in one commit. */
export type Intake = (arrival: Arrival) => Promise<Taken>;

/** No run stands behind it. */
const FROM_OUTSIDE: Behind = { depth: 0, causedBy: null };

/** Definitions may change between judging and commit; so often in a row they do not. */
const MAX_JUDGEMENTS = 20;

export function createIntake(deps: IntakeDeps): Intake {
  const { engine, rules, firstEventOf, newId, observer } = deps;

  async function judged(
    arrival: Arrival,
    delivery: Delivery,
    behind: Behind,
  ): Promise<{ row: IntakeRow; unit: CommitUnit; also: Also | undefined }> {
    const event = arrival.event && { ...eventOf(arrival.event, delivery, newId()), ...behind };
    const judgement =
      event === null ? undefined : await rules.judge(event, { starter: arrival.starter });
    const row: IntakeRow = {
      delivery: {
        delivery,
        eventId: event?.id ?? null,
        keepBody: arrival.event?.isBody !== true,
        revision: judgement?.revision ?? null,
      },
      event: event && { event, dataText: arrival.event?.dataText ?? "null" },
      decisions: judgement?.decisions ?? [],
      company: arrival.company,
    };
    const runs = judgement?.verdicts.flatMap(({ run }) => (run === null ? [] : [run])) ?? [];
    const announce: Change[] =
      event === null ? [] : [{ type: "event.created", id: event.id, event: event.type }];
    const part = { kind: intakePart, row };
    const also = arrival.also?.(row.decisions);
    const unit = { part, also: also?.part, runs, announce, bytes: arrival.body.length };
    return { row, unit, also };
  }

  return async function take(arrival) {
    const sentBy = arrival.event?.sentBy;
    const behind = (sentBy && (await rules.behind(sentBy))) || FROM_OUTSIDE;
    for (let tries = 0; tries < MAX_JUDGEMENTS; tries++) {
      // New ids each time: should an earlier try have become durable after all, this one is its duplicate.
      const delivery = deliveryOf(arrival, newId());
      const { row, unit, also } = await judged(arrival, delivery, behind);
      const outcome = await engine.commit(unit);
      if (outcome === "done") {
        also?.kept();
        if (row.event !== null) observer?.event(arrival.channel, row.decisions);
        const made = row.event?.event;
        if (made !== undefined) deps.traceEvent?.(made, row.decisions);
        return {
          eventId: made?.id,
          traceparent: made?.traceparent,
          duplicate: false,
          decisions: row.decisions,
        };
      }
      if (outcome.refused === "duplicate")
        return { eventId: await firstEventOf(delivery.id), duplicate: true, decisions: [] };
      if (outcome.refused !== "stale_rules" && arrival.company !== undefined)
        return { eventId: undefined, duplicate: false, decisions: [], refused: outcome.refused };
      if (outcome.refused !== "stale_rules")
        throw new AppError("unavailable", `The event was not taken: ${outcome.refused}.`);
      await rules.refresh();
      await arrival.recheck?.();
    }
    throw new AppError(
      "unavailable",
      "The definitions change faster than events can be judged. Send it again.",
    );
  };
}

function deliveryOf(arrival: Arrival, id: string): Delivery {
  const { channel, source, headers, body, verifiedBy, senderId, keys, problem } = arrival;
  const bodySha256 = arrival.bodySha256 ?? sha256(body);
  return {
    id,
    channel,
    source,
    receivedAt: receivedAt(id),
    senderId,
    headers,
    body,
    bodySha256,
    verifiedBy,
    problem,
    keys,
  };
}

function eventOf(
  arrived: ArrivedEvent,
  delivery: Delivery,
  id: string,
): Omit<EventRecord, keyof Behind> {
  return {
    id,
    type: arrived.type,
    source: arrived.source,
    subject: arrived.subject,
    time: arrived.time ?? receivedAt(id),
    receivedAt: receivedAt(id),
    deliveryId: delivery.id,
    originId: arrived.originId,
    dataschema: arrived.dataschema,
    traceparent: traceOf(id, arrived.traceparent),
    extensions: arrived.extensions,
    data: arrived.data,
  };
}
