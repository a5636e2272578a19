import type { Server } from "node:http";
import type { Server as HttpsServer } from "node:https";
import { AppError } from "@yardmaster/protocol";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { createRepeats, kindOf, type Log } from "../db/index.ts";
import type { KeptAnswers } from "../idempotency/index.ts";
import { type AddressSettings, readTls, type TlsFiles, type TlsPair } from "../listening/index.ts";
import { type AnsweredDeps, pathnameOf, tellAnswered } from "./answered.ts";
import { createBodyRoom } from "./body/body-room.ts";
import { createBodyReader } from "./body/read-body.ts";
import { answerClientError } from "./client-error.ts";
import { trackConnections } from "./connections.ts";
import { docsRoutes } from "./description/docs.routes.ts";
import { type HealthDeps, healthRoutes } from "./health.routes.ts";
import { createKnownPaths, type KnownPaths } from "./known-paths.ts";
import { STREAM_LIMITS, type StreamLimits } from "./lasting/stream.ts";
import { createUpgrades } from "./lasting/upgrades.ts";
import { listen } from "./listen.ts";
import { type Authenticate, mountRoute } from "./mount.ts";
import { PROBLEM_TYPE, problemOf } from "./problem.ts";
import { answerHeaders } from "./reply.ts";
import type { BodyLimit, Route } from "./route.ts";
import { createStopping, type Stopping } from "./stopping.ts";
import { followTls } from "./tls.ts";
import { createRequestIds } from "./trace.ts";

export interface HttpDeps extends HealthDeps, AnsweredDeps {
  /** What the features serve; health, status and documentation are added. */
  readonly routes: readonly Route[];
  readonly authenticate: Authenticate;
  /** Answers by Idempotency-Key; without it only those routes take keys that see to them by themselves. */
  readonly keptAnswers?: KeptAnswers | undefined;
  readonly version: string;
}

const BODY_LIMIT: BodyLimit = { bytes: 10 * 2 ** 20 };
/** Four bodies of the largest that a setting allows (64 MiB), or some 10,000 usual ones. */
const BODY_ROOM_BYTES = 256 * 2 ** 20;
/** As Node has it; fastify would wait for ever, and keep the connection of each sender that is gone without a word. */
const RECEIVE_MS = 300_000;
const HEADERS_MS = 60_000;

export interface HttpOptions {
  /** Of routes that have none of their own. */
  readonly bodyLimit?: BodyLimit;
  readonly streamLimits?: StreamLimits;
  /** What the bodies of all requests may take at a time. */
  readonly bodyRoomBytes?: number;
  /** What a request may take to arrive, with its body. */
  readonly receiveMs?: number;
  /** What open requests may take when the server stops, before their connections are closed. */
  readonly closeMs?: number;
  /** Serves HTTPS, and WSS to those who take upgrades. */
  readonly tls?: TlsFiles | undefined;
  /** The routes that are given and nothing beside: no health, no status, no documentation. */
  readonly isBare?: boolean;
}

export interface Http {
  /** For those who take upgrades of connections. */
  readonly server: Server | HttpsServer;
  /** Whether a route takes the upgrades to this path. */
  servesSocket(pathname: string): boolean;
  /** Throws AppError `invalid_setting` where the address cannot be had. Port 0 picks one. `settings` is where it is from. */
  listen(host: string, port: number, settings?: AddressSettings): Promise<{ readonly url: string }>;
  /**
   * Serves on, and says that it is about to stop: `/readyz` with 503, each answer with `Connection: close`. So whoever
   * sends requests here by its probes has stopped doing so when it closes.
   */
  leave(): void;
  /** Stops accepting, ends streams and waits with what they have, then closes all connections. */
  close(): Promise<void>;
  /** Serves a request without a socket: for what asks the API from inside, and for tests. */
  readonly inject: FastifyInstance["inject"];
}

export function createHttp(deps: HttpDeps, options: HttpOptions = {}): Http {
  const stopping = createStopping();
  const bodyLimit = options.bodyLimit ?? BODY_LIMIT;
  const { receiveMs = RECEIVE_MS, bodyRoomBytes = BODY_ROOM_BYTES } = options;
  const app = createApp(options.tls && readTls(options.tls), { bodyLimit, receiveMs });
  readBodies(app, bodyRoomBytes);
  const renewals =
    options.tls && followTls(app.server as unknown as HttpsServer, options.tls, { log: deps.log });
  tellAnswered(app, deps);
  const connections = trackConnections(app.server);
  const onStreamError = (error: unknown, requestId: string): void => {
    deps.log.error({ err: error, request_id: requestId }, "a stream broke");
  };
  const routes =
    options.isBare === true ? deps.routes : withOwnRoutes(deps.routes, leavable(deps, stopping));
  const { authenticate, keptAnswers } = deps;
  const streamLimits = options.streamLimits ?? STREAM_LIMITS;
  const socketPaths = routes.filter(({ isSocket }) => isSocket === true).map(({ path }) => path);
  const upgrades = createUpgrades(app, new Set(socketPaths));
  const bounds = { streamLimits, bodyLimit };
  const mounting = { authenticate, keptAnswers, stopping, upgrades, ...bounds, onStreamError };
  for (const route of routes) mountRoute(app, route, mounting);

  const tell = createTeller(deps.log);
  const known = createKnownPaths(routes);
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (stopping.isLeaving) reply.header("connection", "close");
    return sendProblem(error, request, reply, tell);
  };
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((request, reply) =>
    refuse(noRoute(known, request, reply), request, reply),
  );

  return {
    server: app.server,
    servesSocket: upgrades.serves,
    inject: app.inject.bind(app) as FastifyInstance["inject"],
    listen: (host, port, settings) => listen(app, { host, port }, settings),
    leave: stopping.leave,
    async close() {
      stopping.stop();
      renewals?.stop();
      // Requests that never end must not keep the process.
      const timer = setTimeout(() => app.server.closeAllConnections(), options.closeMs ?? 10_000);
      const closed = app.close().finally(() => clearTimeout(timer));
      connections.closeUnused();
      await closed;
    },
  };
}

/** The routes of the features, with health, status and the documentation of all. */
export function withOwnRoutes(
  routes: readonly Route[],
  deps: HealthDeps & { readonly version: string },
): Route[] {
  const own = [...routes, ...healthRoutes(deps)];
  return [...own, ...docsRoutes(own, deps)];
}

/** Who stops is not ready, whatever its database says. */
function leavable(deps: HttpDeps, stopping: Stopping): HttpDeps {
  const leaving = { status: "unready", reason: "The server is stopping" } as const;
  return { ...deps, ready: async () => (stopping.isLeaving ? leaving : await deps.ready()) };
}

function createApp(
  tls: TlsPair | undefined,
  { bodyLimit, receiveMs }: { readonly bodyLimit: BodyLimit; readonly receiveMs: number },
): FastifyInstance {
  const requestIds = createRequestIds();
  const headersTimeout = Math.min(HEADERS_MS, receiveMs);
  const server = { headersTimeout, connectionsCheckingInterval: receiveMs / 10 };
  const app = Fastify({
    // Of the two kinds of servers the routes see the same; fastify has a type for each.
    ...((tls === undefined ? { http: server } : { https: { ...tls, ...server } }) as object),
    requestTimeout: receiveMs,
    logger: false,
    logController: new Fastify.LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimit.bytes,
    exposeHeadRoutes: false,
    // Answered by the routes themselves, as problem details.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    genReqId: (request) => requestIds(request.headers["x-request-id"]),
    routerOptions: { maxParamLength: 300, ignoreTrailingSlash: true },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      void sendProblem(error, request as FastifyRequest, reply as FastifyReply, () => {});
    },
  });
  app.decorateRequest("principal", undefined);
  app.decorateRequest("made", undefined);
  return app;
}

function readBodies(app: FastifyInstance, roomBytes: number): void {
  app.decorateRequest("bodyShare", undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", createBodyReader(createBodyRoom(roomBytes)));
}

function sendProblem(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  tell: Teller,
): FastifyReply {
  const problem = problemOf(thrown, request.id);
  const { status, headers, body } = problem;
  tell(thrown, request, problem);
  return (
    reply
      .code(status)
      .headers({ ...headers, ...answerHeaders(request.id), "content-type": PROBLEM_TYPE })
      // As bytes: fastify would add a charset to text, which this media type does not have.
      .send(Buffer.from(JSON.stringify(body)))
  );
}

type Teller = (
  thrown: unknown,
  request: FastifyRequest,
  problem: ReturnType<typeof problemOf>,
) => void;

/** Logs what broke inside, always; and what the server cannot do for now once in a while, since the answer says it too. */
function createTeller(log: Log): Teller {
  const repeat = createRepeats({ monotonicMs: () => performance.now() });
  return (err, { id, method, url }, { level, body }) => {
    if (level === "quiet") return;
    const leftOut = level === "error" ? 0 : repeat(kindOf(body.detail ?? "", err));
    if (leftOut === undefined) return;
    const details = { err, request_id: id, method, path: pathnameOf(url) };
    log[level]({ ...details, ...(leftOut > 0 && { left_out: leftOut }) }, "a request failed");
  };
}

function noRoute(known: KnownPaths, request: FastifyRequest, reply: FastifyReply): AppError {
  const pathname = pathnameOf(request.url);
  const methods = known.methodsOf(pathname);
  if (methods.length === 0) return known.notFound(request.method, pathname);
  reply.header("allow", methods.join(", "));
  return new AppError(
    "method_not_allowed",
    `${request.method} is not served at ${pathname}; ${methods.join(" and ")} ${methods.length > 1 ? "are" : "is"}`,
  );
}
