import {
  callInputSchema,
  callResizeSchema,
  cancelCallSchema,
  canceledCallSchema,
  EXEC_STREAM_TYPE,
  execOnNodeSchema,
  execResultSchema,
  fileContentSchema,
  idSchema,
  readFileSchema,
  resetResultSchema,
  resetSessionSchema,
  shellSessionSchema,
  writeFileSchema,
  writtenFileSchema,
} from "@yardmaster/protocol";
import type { Route, RouteReply, RouteRequest, RouteSchemas } from "../http/index.ts";
import { REPLAYED_HEADER } from "../idempotency/index.ts";
import type { CallKeys } from "./call-keys.ts";
import {
  execRequest,
  execResult,
  fileContent,
  msOf,
  readRequest,
  writeRequest,
  writtenFile,
} from "./call-views.ts";
import { execStream } from "./exec-stream.ts";
import type { CallOptions, Hub } from "./hub/hub.types.ts";
import { nodeParams } from "./nodes.routes.ts";
import { type RelayDeps, relayed } from "./relay.ts";

const callParams = nodeParams.extend({ call: idSchema });
const sessionParams = nodeParams.extend({ session: shellSessionSchema });

/** Of 10 MiB in base64, and what stands beside it. */
const FILE_BODY_BYTES = 15 * 1024 * 1024;

const FAILURES = {
  403: { description: "The node does not grant it, or refuses it" },
  404: { description: "No such node" },
  409: {
    description:
      "The node is not connected, or its link was lost: it says since when, and what to do",
  },
  429: { description: "Too many calls of one caller, or the node has too much to do" },
} as const;

export interface CallRoutesDeps {
  readonly hub: Hub;
  readonly keys: CallKeys;
  readonly relay: RelayDeps;
}

/** What nodes are asked to do. */
export function callRoutes(deps: CallRoutesDeps): Route[] {
  const { relay } = deps;
  return [
    relayed(relay, execRoute(deps)),
    relayed(relay, inputRoute(deps)),
    relayed(relay, resizeRoute(deps)),
    relayed(relay, cancelRoute(deps)),
    relayed(relay, resetRoute(deps)),
    relayed(relay, readRoute(deps)),
    relayed(relay, writeRoute(deps)),
  ];
}

function execRoute({ hub, keys }: CallRoutesDeps) {
  const exec: Route<{ params: typeof nodeParams; body: typeof execOnNodeSchema }> = {
    method: "POST",
    path: "/v1/nodes/{name}/exec",
    summary: "Runs a command on a node, and answers with its end.",
    description: `A command that fails is an answer, not an error: see status and exit_code. With "Accept: ${EXEC_STREAM_TYPE}" the answer is one JSON object a line as it happens: started, output, state, ended; an empty line now and then while nothing happens. A reader who is slow slows the command. Output that is no UTF-8 is in \`stdout_b64\` and \`stderr_b64\` as it came; \`stdout\` and \`stderr\` then have U+FFFD for what is no text.

With an Idempotency-Key a request that comes again does not run the command again. A client that goes away before the end cancels it.`,
    scope: "nodes:exec",
    idempotency: "own",
    params: nodeParams,
    body: execOnNodeSchema,
    responses: { 200: { description: "Its end", schema: execResultSchema }, ...FAILURES },
    async handler(request) {
      const { name } = request.params;
      const asked = execRequest(request.body);
      if (request.headers.accept?.includes(EXEC_STREAM_TYPE) === true) {
        const taken = await keys.take(keyed(request));
        const options = { ...optionsOf(request), callId: taken.callId };
        return await execStream(hub, { name, asked, options, onRefused: taken.refused });
      }
      return await answered(keys, request, async (callId) =>
        execResult(await hub.exec(name, asked, { ...optionsOf(request), callId })),
      );
    },
  };
  return exec;
}

function inputRoute({ hub }: CallRoutesDeps) {
  const input: Route<{ params: typeof callParams; body: typeof callInputSchema }> = {
    method: "POST",
    path: "/v1/nodes/{name}/calls/{call}/input",
    summary: "Gives a running command input; answered when the link has taken it.",
    description:
      "A command that reads slowly slows whoever gives: while 1 MiB of its input is not read the answer waits, for 20 s. Then it is 429 `node_busy`, nothing of the piece was taken, and it may be given again. Give one piece after the other: of two at once either may be the first. A node whose client is too old to say what was read takes it all, and stops a command that lets more than 1 MiB lie.",
    scope: "nodes:exec",
    params: callParams,
    body: callInputSchema,
    responses: { 204: { description: "On its way" }, ...FAILURES },
    async handler({ params: { name, call }, body: { data_b64, eof } }) {
      const bytes = data_b64 === undefined ? undefined : Buffer.from(data_b64, "base64");
      await hub.input(name, call, {
        ...(bytes === undefined ? {} : { bytes }),
        ...(eof === undefined ? {} : { eof }),
      });
      return {};
    },
  };
  return input;
}

function resizeRoute({ hub }: CallRoutesDeps) {
  const resize: Route<{ params: typeof callParams; body: typeof callResizeSchema }> = {
    method: "POST",
    path: "/v1/nodes/{name}/calls/{call}/resize",
    summary: "Tells a running command the size of its terminal.",
    scope: "nodes:exec",
    idempotency: "repeatable",
    params: callParams,
    body: callResizeSchema,
    responses: { 204: { description: "On its way" }, ...FAILURES },
    async handler({ params: { name, call }, body }) {
      await hub.resize(name, call, body);
      return {};
    },
  };
  return resize;
}

function cancelRoute({ hub }: CallRoutesDeps) {
  const cancel: Route<{ params: typeof callParams; body: typeof cancelCallSchema }> = {
    method: "POST",
    path: "/v1/nodes/{name}/calls/{call}/cancel",
    summary: "Stops a command and all that it started; who waits for it gets its end, canceled.",
    scope: "nodes:exec",
    idempotency: "repeatable",
    params: callParams,
    body: cancelCallSchema,
    responses: {
      200: { description: "What the node does about it", schema: canceledCallSchema },
      ...FAILURES,
    },
    async handler({ params: { name, call }, body, principal }) {
      const actor = `token:${principal.name}`;
      const { reason } = body;
      const state = await hub.cancel(name, call, { actor, graceMs: msOf(body.grace), reason });
      return { body: { request_id: call, node: nameOf(hub, name), state } };
    },
  };
  return cancel;
}

function resetRoute({ hub, keys }: CallRoutesDeps) {
  const reset: Route<{ params: typeof sessionParams; body: typeof resetSessionSchema }> = {
    method: "POST",
    path: "/v1/nodes/{name}/sessions/{session}/reset",
    summary: "Ends all that runs in a shell session, and starts it afresh.",
    scope: "nodes:exec",
    idempotency: "own",
    params: sessionParams,
    body: resetSessionSchema,
    responses: { 200: { description: "The new shell", schema: resetResultSchema }, ...FAILURES },
    async handler(request) {
      const { name, session } = request.params;
      const { reason } = request.body;
      return await answered(keys, request, async (callId) => {
        const options = {
          ...optionsOf(request),
          callId,
          ...(reason === undefined ? {} : { reason }),
        };
        const done = await hub.reset(name, session, options);
        return {
          request_id: done.callId,
          node: nameOf(hub, name),
          session: done.session,
          shell_id: done.shellId,
          cwd: done.cwd,
          killed: done.killed,
        };
      });
    },
  };
  return reset;
}

function readRoute({ hub }: CallRoutesDeps) {
  const read: Route<{ params: typeof nodeParams; body: typeof readFileSchema }> = {
    method: "POST",
    path: "/v1/nodes/{name}/read",
    summary: "Reads a file on a node, or a range of it.",
    description:
      "A range has at most 1 MiB and needs a node with the capability `files`; a base node gives whole files of up to 10 MiB.",
    scope: "nodes:files",
    idempotency: "harmless",
    params: nodeParams,
    body: readFileSchema,
    responses: { 200: { description: "The content", schema: fileContentSchema }, ...FAILURES },
    async handler(request) {
      const { name } = request.params;
      const done = await hub.read(name, readRequest(request.body), optionsOf(request));
      return { body: fileContent(nameOf(hub, name), request.body.path, done) };
    },
  };
  return read;
}

function writeRoute({ hub, keys }: CallRoutesDeps) {
  const write: Route<{ params: typeof nodeParams; body: typeof writeFileSchema }> = {
    method: "POST",
    path: "/v1/nodes/{name}/write",
    summary: "Writes a file on a node, or a range of it, or makes a folder.",
    description:
      "With the capability `files` the old file or the new one is there, never half of it, unless `atomic` is false.",
    scope: "nodes:files",
    idempotency: "own",
    params: nodeParams,
    body: writeFileSchema,
    bodyLimit: { bytes: FILE_BODY_BYTES },
    responses: { 200: { description: "What was written", schema: writtenFileSchema }, ...FAILURES },
    async handler(request) {
      const { name } = request.params;
      return await answered(keys, request, async (callId) => {
        const options = { ...optionsOf(request), callId };
        const done = await hub.write(name, writeRequest(request.body), options);
        return writtenFile(nameOf(hub, name), request.body.path, done);
      });
    },
  };
  return write;
}

type AnyRequest = Pick<
  RouteRequest<RouteSchemas>,
  "idempotencyKey" | "url" | "principal" | "requestId" | "signal"
> & { readonly body: unknown };

function optionsOf(request: AnyRequest): CallOptions {
  const { wait } = request.body as { readonly wait?: string | undefined };
  return {
    actor: `token:${request.principal.name}`,
    waitMs: msOf(wait),
    signal: request.signal,
    details: { http_request: request.requestId },
  };
}

function keyed({ principal, idempotencyKey, url, body }: AnyRequest) {
  return { tokenId: principal.tokenId, key: idempotencyKey, request: [url, body] };
}

async function answered(
  keys: CallKeys,
  request: AnyRequest,
  call: (callId: string) => Promise<unknown>,
): Promise<RouteReply> {
  const { text, isRepeated } = await keys.answer(keyed(request), call);
  return { text, ...(isRepeated ? { headers: { [REPLAYED_HEADER]: "true" } } : {}) };
}

/** A node may be asked for by its id. */
function nameOf(hub: Hub, ref: string): string {
  return hub.live(ref)?.name ?? ref;
}
