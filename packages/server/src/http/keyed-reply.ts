import {
  type Ending,
  endingOfProblem,
  type KeptAnswers,
  type KeyedRequest,
  REPLAYED_HEADER,
  type StoredAnswer,
} from "../idempotency/index.ts";
import type { MountedRequest } from "./mounted-request.ts";
import type { Route, RouteReply } from "./route.ts";

type OfRoute = Pick<KeyedRequest, "isRepeatable" | "isKept">;

/** Undefined where keys are the route's own matter. */
function ofRoute({ idempotency = "kept" }: Route): OfRoute | undefined {
  switch (idempotency) {
    case "kept":
      return { isRepeatable: false, isKept: true };
    case "repeatable":
      return { isRepeatable: true, isKept: true };
    case "by_claim":
      return { isRepeatable: true, isKept: false };
    case "shown_once":
      return { isRepeatable: false, isKept: false };
    case "own":
    case "harmless":
      return undefined;
  }
}

export type Handle = (request: MountedRequest) => RouteReply | Promise<RouteReply>;

/** The handler of a route, behind the answers that are kept by Idempotency-Key. Without a key it costs a look. */
export function keyedHandle(route: Route, kept: KeptAnswers | undefined): Handle {
  const how = ofRoute(route);
  if (kept === undefined || how === undefined) return (request) => route.handler(request);
  return (request) => {
    const { idempotencyKey: key } = request;
    if (key === undefined) return route.handler(request);
    const { tokenId } = request.principal;
    return answered(kept, { tokenId, key, request: askedOf(route, request), ...how });

    async function answered(keep: KeptAnswers, keyed: KeyedRequest): Promise<RouteReply> {
      const given = await keep.answer(
        keyed,
        async (claimId) => {
          request.claimId = claimId;
          return await route.handler(request);
        },
        endingOf,
      );
      return "fresh" in given ? given.fresh : replyOf(given.before);
    }
  };
}

/** What tells requests under one key apart. */
function askedOf(route: Route, { url, body, rawBody, headers }: MountedRequest): unknown {
  if (route.rawBody !== true) return [route.method, url, body ?? null];
  const told = Object.entries(headers).filter(([name]) => route.isAskedIn?.(name) === true);
  return [route.method, url, rawBody.toString("latin1"), told.sort()];
}

function endingOf(reply: RouteReply): Ending {
  const { headers = {}, stream } = reply;
  const body = bodyOf(reply);
  const status = reply.status ?? (body === "" ? 204 : 200);
  if (status >= 400) return endingOfProblem(status, codeIn(body));
  return { is: "done", answer: { status, headers, body: stream === undefined ? body : null } };
}

function bodyOf({ bytes, text, body }: RouteReply): string {
  if (bytes !== undefined) return bytes.toString();
  return text ?? (body === undefined ? "" : JSON.stringify(body));
}

/** Of a problem that another process answered. */
function codeIn(body: string): string {
  try {
    return String((JSON.parse(body) as { readonly code?: unknown }).code);
  } catch {
    return "";
  }
}

function replyOf({ status, headers, body }: StoredAnswer): RouteReply {
  const told = { ...headers, [REPLAYED_HEADER]: "true" };
  return { status, headers: told, ...(body !== null && body !== "" && { text: body }) };
}
