import {
  idSchema,
  type NewId,
  replayEventSchema,
  replayEventsSchema,
  replayedSchema,
  replayReportSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import type { Replays } from "./replays.ts";

const params = z.object({ id: idSchema });

/** `POST /v1/events/{id}/replay` and `POST /v1/events/replay`. */
export function replayRoutes(replays: Replays, newId: NewId): Route[] {
  const one: Route<{ params: typeof params; body: typeof replayEventSchema }> = {
    method: "POST",
    path: "/v1/events/{id}/replay",
    summary: "Judges an event again, by the rules as they are now.",
    description:
      "Each replay has the next number; a rule starts at most one run for an event and a replay, and its decision says which replay it was. With an Idempotency-Key the same request again within 24 hours is the same replay.",
    scope: "events:write",
    idempotency: "by_claim",
    params,
    body: replayEventSchema,
    responses: { 200: { description: "What the rules said", schema: replayedSchema } },
    async handler({ params: { id }, body: { rule, dry_run }, principal, claimId }) {
      const batch = claimId ?? newId();
      const by = `token:${principal.name}`;
      return { body: await replays.replay(id, { batch, rule, dryRun: dry_run, by }) };
    },
  };

  const many: Route<{ body: typeof replayEventsSchema }> = {
    method: "POST",
    path: "/v1/events/replay",
    summary: "Judges the events that a filter means again, the oldest first.",
    description:
      "One request judges up to `limit` events; ask again with `next` as `cursor`. An event is replayed once in a `batch`: a request that was cut off can be sent again. With `rule` and `outcome` only that rule judges, and only what it said so of last: what it held while it was paused, what it could not judge, or what came before there was such a rule.",
    scope: "events:write",
    idempotency: "repeatable",
    body: replayEventsSchema,
    responses: { 200: { description: "What the rules said", schema: replayReportSchema } },
    async handler({
      body: { batch, rule, outcome, dry_run, limit, cursor, ...filter },
      principal,
    }) {
      const by = `token:${principal.name}`;
      const request = { batch, rule, outcome, dryRun: dry_run, by, filter, limit, cursor };
      return { body: await replays.replayMany(request) };
    },
  };

  return [one, many];
}
