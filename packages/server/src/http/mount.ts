import { AppError, type Scope } from "@yardmaster/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { KeptAnswers } from "../idempotency/index.ts";
import { ownTurn, parseJsonBody } from "../json/index.ts";
import { freeingBody } from "./body/read-body.ts";
import { checkBy } from "./checks/check.ts";
import { checkContentType } from "./checks/content-type.ts";
import { checkNoBody } from "./checks/no-body.ts";
import { pathCheck } from "./checks/path-check.ts";
import { queryOf } from "./checks/query.ts";
import { parseSecretBody } from "./checks/secret-body.ts";
import { textsCheck } from "./checks/texts-check.ts";
import { idempotencyKey, KEY_HEADER, takesKey } from "./idempotency-key.ts";
import { keyedHandle } from "./keyed-reply.ts";
import { answersHead } from "./known-paths.ts";
import { sendSocketReply } from "./lasting/socket.ts";
import { authorizationOf } from "./lasting/socket-token.ts";
import type { StreamLimits } from "./lasting/stream.ts";
import { sendStreamReply } from "./lasting/stream-reply.ts";
import { type TokenWatch, watchToken } from "./lasting/token-watch.ts";
import type { Upgrades } from "./lasting/upgrades.ts";
import { isFromLoopback } from "./loopback.ts";
import { MountedRequest } from "./mounted-request.ts";
import { type PageAsked, pageOfReply } from "./paged.ts";
import { answerHeaders, sendReply } from "./reply.ts";
import type { BodyLimit, Principal, Route, RouteReply } from "./route.ts";
import type { Stopping } from "./stopping.ts";

/** Who stands behind an `Authorization` header; undefined for nobody. At once where it is known, else later. */
export type Authenticate = (
  authorization: string | undefined,
) => Principal | undefined | Promise<Principal | undefined>;

export interface MountDeps {
  readonly authenticate: Authenticate;
  readonly keptAnswers: KeptAnswers | undefined;
  readonly stopping: Stopping;
  readonly upgrades: Upgrades;
  readonly streamLimits: StreamLimits;
  readonly bodyLimit: BodyLimit;
  readonly onStreamError: (error: unknown, requestId: string) => void;
}

/** What fastify sees of the content type of a raw body: it would refuse one that is malformed, or none. */
const OCTETS = { "content-type": "application/octet-stream" };
const NO_BYTES = Buffer.alloc(0);

declare module "fastify" {
  interface FastifyContextConfig {
    /** The setting that bounds the body; undefined where none does. */
    bodySetting?: string | undefined;
  }
  interface FastifyRequest {
    /** Whose token was admitted; undefined on open routes. */
    principal: Principal | undefined;
    /** W3C `traceparent` of what the request made. */
    made: string | undefined;
  }
}

/** Puts one route description on the server. Order: token, scope, content type, size, values, handler. */
export function mountRoute(app: FastifyInstance, route: Route, deps: MountDeps): void {
  const { bytes, setting } = route.bodyLimit ?? deps.bodyLimit;
  app.route({
    method: route.method,
    url: route.path.replaceAll(/\{([^}]+)\}/g, ":$1"),
    bodyLimit: bytes,
    config: { bodySetting: setting },
    exposeHeadRoute: answersHead(route),
    onRequest: admission(route, deps),
    handler: freeingBody(handlerOf(route, deps)),
  });
}

type Done = (error?: Error) => void;

/** A hook with a callback, not a promise: with a known token it costs no turn of the event loop. */
function admission(route: Route, { authenticate, stopping }: MountDeps) {
  const { scope, isOpenToLoopback = false } = route;

  function isOpen(request: FastifyRequest): boolean {
    return scope === "open" || (isOpenToLoopback && isFromLoopback(request.raw));
  }

  function admit(principal: Principal | undefined, request: FastifyRequest, done: Done): void {
    try {
      if (stopping.isStopping)
        throw new AppError("unavailable", "The server is stopping; try again");
      if (!isOpen(request)) request.principal = allowed(principal, route, request);
      if (route.rawBody === true) request.headers = OCTETS;
      else checkContentType(route, request.headers);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }

  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    reply.headers(answerHeaders(request.id));
    const found =
      scope === "open" ? undefined : authenticate(authorizationOf(route, request.headers));
    if (!(found instanceof Promise)) admit(found, request, done);
    else found.then((principal) => admit(principal, request, done), done);
  };
}

function allowed(
  principal: Principal | undefined,
  route: Route,
  { headers }: FastifyRequest,
): Principal {
  const scope = route.scope as Scope | "any";
  if (principal === undefined) {
    const given = authorizationOf(route, headers) !== undefined;
    const what = given ? "The token is not valid (any more)" : "No token was given";
    const or = route.isSocket === true ? ', or as the subprotocol "bearer.<token>"' : "";
    throw new AppError("unauthorized", `${what}: send it as "Authorization: Bearer <token>"${or}`);
  }
  if (scope === "any" || principal.scopes.includes(scope) || principal.scopes.includes("admin"))
    return principal;
  const message = `lacks the scope ${scope}`;
  throw new AppError("forbidden", `The token ${principal.name} ${message}`, {
    errors: [{ path: "Authorization", message, expected: scope, got: principal.scopes.join(", ") }],
  });
}

function handlerOf(route: Route, deps: MountDeps) {
  const params = pathCheck(route);
  const query = textsCheck(queryOf(route), { what: "The query", code: "invalid_request" });
  const isSecret = route.isBodySecret === true;
  const body = checkBy(route.body, { what: "The body", code: "invalid_request", isSecret });
  const parseBody = isSecret ? parseSecretBody : parseJsonBody;
  const hasBody = route.body !== undefined;
  const isRaw = route.rawBody === true;
  const isKeyed = takesKey(route);
  const handle = keyedHandle(route, deps.keptAnswers);

  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (route.isSocket === true && !deps.upgrades.isUpgrade(request.raw)) {
      reply.header("upgrade", "websocket");
      throw new AppError("upgrade_required", `${route.path} is a WebSocket: connect by ws or wss`);
    }
    const sent = (request.body as Buffer | undefined) ?? NO_BYTES;
    const bytes = isRaw || hasBody ? sent : NO_BYTES;
    if (!isRaw && !hasBody) checkNoBody(route, sent);
    const turn = ownTurn(bytes.length);
    if (turn !== undefined) await turn;
    const values = {
      params: params(request.params),
      query: query(request.query),
      body: hasBody ? body(parseBody(bytes)) : undefined,
      rawBody: isRaw ? bytes : NO_BYTES,
      idempotencyKey: isKeyed ? idempotencyKey(request.raw.headers[KEY_HEADER]) : undefined,
    };
    const routeRequest = new MountedRequest(values, request, reply, deps.stopping);
    const answer = paged(route, await handle(routeRequest), routeRequest);
    request.made = answer.traceparent;
    if (deps.stopping.isLeaving) reply.header("connection", "close");
    const { stream, socket } = answer;
    if (stream === undefined && socket === undefined)
      return sendReply(reply, answer, deps.streamLimits.stallMs);
    const watch = tokenWatch(route, request, deps);
    const lasting = {
      ending: watch?.signal,
      limits: deps.streamLimits,
      onError: (error: unknown) => deps.onStreamError(error, request.id),
    };
    try {
      if (socket !== undefined) {
        const accept = () => deps.upgrades.accept(request.raw);
        const signalOf = deps.stopping.signalForSocket;
        await sendSocketReply(reply, socket, { ...lasting, accept, signalOf });
      } else if (stream !== undefined) {
        const { signal } = routeRequest;
        await sendStreamReply(reply, { ...answer, stream }, { ...lasting, signal });
      }
    } finally {
      watch?.stop();
    }
    return reply;
  };
}

function paged(route: Route, answer: RouteReply, request: MountedRequest): RouteReply {
  // What another process answered is a page already.
  if (route.pagedBy === undefined || answer.bytes !== undefined) return answer;
  const asked = request.query as unknown as PageAsked;
  return pageOfReply(answer, route.pagedBy, { ...asked, url: request.url });
}

/** Undefined where no token was needed. */
function tokenWatch(
  route: Route,
  request: FastifyRequest,
  { authenticate, streamLimits }: MountDeps,
): TokenWatch | undefined {
  if (request.principal === undefined) return undefined;
  return watchToken(
    {
      lookUp: () => authenticate(authorizationOf(route, request.headers)),
      check: (principal) => allowed(principal, route, request),
    },
    streamLimits.tokenCheckMs,
  );
}
