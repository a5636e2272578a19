import type {
  CallInput,
  CallResize,
  CancelCall,
  CanceledCall,
  ChangedNode,
  ChangeNode,
  ExecEvent,
  ExecOnNode,
  ExecResult,
  ListNodes,
  NodeFileContent,
  NodeSession,
  PairedNode,
  PairNode,
  ReadNodeFile,
  ResetResult,
  ResetSession,
  RevokeNode,
  RotatedNode,
  RotateNode,
  WriteNodeFile,
  WrittenNodeFile,
  YardNode,
} from "@yardmaster/protocol";
import { isAppError } from "@yardmaster/protocol/core";
import { type Listing, listPages, readAll } from "../transport/pages.ts";
import { pause } from "../transport/pause.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";
import { runExec, streamExec } from "./exec.ts";

/** Paired machines, by their names. */
export interface NodesClient {
  /** The answer is the only one that ever holds the token. */
  pair(node: PairNode, options?: CallOptions): Promise<PairedNode>;
  /** All of them, or those of a status or a label. */
  list(filter?: Listing<ListNodes>): AsyncGenerator<YardNode, void, undefined>;
  /** With what it grants, and how it does. */
  get(name: string, options?: CallOptions): Promise<YardNode>;
  /** Its name, its labels and what it grants. */
  change(name: string, change: ChangeNode, options?: CallOptions): Promise<ChangedNode>;
  /** A new token: over the link, or shown in this answer and never again. */
  rotate(name: string, rotation?: RotateNode, options?: CallOptions): Promise<RotatedNode>;
  /** Ends its token and its link, for good. */
  revoke(name: string, reason?: RevokeNode, options?: CallOptions): Promise<YardNode>;

  /** Runs to its end. A command that fails is an answer; what could not be run is one too, with its `error`. */
  exec(name: string, call: ExecOnNode, options?: CallOptions): Promise<ExecResult>;
  /** The same as it goes on; read no faster than its events are taken. Leaving it early gives the call up. */
  stream(
    name: string,
    call: ExecOnNode,
    options?: CallOptions,
  ): AsyncGenerator<ExecEvent, void, undefined>;
  /**
   * Bytes for the stdin of a call that goes on, at most 64 KiB, or its end. Resolves when there is room for more: a
   * command that reads slowly is waited for, as long as it takes. Give one piece after the other.
   */
  input(name: string, call: string, input: CallInput, options?: CallOptions): Promise<void>;
  /** Of the terminal of a call that has one. */
  resize(name: string, call: string, size: CallResize, options?: CallOptions): Promise<void>;
  /** Ends a call that goes on, in order or at once. */
  cancel(
    name: string,
    call: string,
    cancel?: CancelCall,
    options?: CallOptions,
  ): Promise<CanceledCall>;

  /** Its shell sessions, which go on between calls. */
  sessions(name: string, options?: CallOptions): Promise<NodeSession[]>;
  /** Kills what runs in a shell session, and gives it a fresh shell. */
  reset(
    name: string,
    session: string,
    reset?: ResetSession,
    options?: CallOptions,
  ): Promise<ResetResult>;

  /** A range of a file, at most 1 MiB; a base node gives whole files up to 10 MiB. */
  read(name: string, read: ReadNodeFile, options?: CallOptions): Promise<NodeFileContent>;
  /** A whole file, a range of one, or a folder; at most 1 MiB of a range, else 10 MiB. */
  write(name: string, write: WriteNodeFile, options?: CallOptions): Promise<WrittenNodeFile>;
}

/** The server has waited before it says so; it has not where others give input as well. */
const AGAIN_MS = 100;

/** False: the command has not read what came before, and nothing of this was taken. */
async function isTaken(given: Promise<unknown>): Promise<boolean> {
  try {
    await given;
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === "node_busy") return false;
    throw error;
  }
}

export function createNodesClient(transport: Transport): NodesClient {
  const pathOf = (...[name, ...parts]: readonly string[]): string =>
    ["/v1/nodes", encodeURIComponent(name ?? ""), ...parts.map(encodeURIComponent)].join("/");
  const post = <Answer>(path: string, body: unknown, { signal }: CallOptions): Promise<Answer> =>
    transport.json({ method: "POST", path, body, signal });
  const stream: NodesClient["stream"] = (name, call, options = {}) =>
    streamExec(transport, pathOf(name, "exec"), call, options);

  return {
    pair: (node, options = {}) => post("/v1/nodes", node, options),
    list: (filter = {}) => listPages(transport, "/v1/nodes", filter),
    get: (name, { signal } = {}) => transport.json({ path: pathOf(name), signal }),
    change: (name, body, { signal } = {}) =>
      transport.json({ method: "PATCH", path: pathOf(name), body, signal }),
    rotate: (name, rotation = {}, options = {}) => post(pathOf(name, "rotate"), rotation, options),
    revoke: (name, reason = {}, options = {}) => post(pathOf(name, "revoke"), reason, options),

    stream,
    exec: (name, call, options = {}) => runExec(stream(name, call, options)),
    async input(name, call, input, options = {}) {
      const path = pathOf(name, "calls", call, "input");
      while (!(await isTaken(post(path, input, options)))) await pause(AGAIN_MS, options.signal);
    },
    resize: (name, call, size, options = {}) =>
      post(pathOf(name, "calls", call, "resize"), size, options),
    cancel: (name, call, cancel = {}, options = {}) =>
      post(pathOf(name, "calls", call, "cancel"), cancel, options),

    sessions: (name, options) => readAll(transport, pathOf(name, "sessions"), options),
    reset: (name, session, reset = {}, options = {}) =>
      post(pathOf(name, "sessions", session, "reset"), reset, options),

    read: (name, read, options = {}) => post(pathOf(name, "read"), read, options),
    write: (name, write, options = {}) => post(pathOf(name, "write"), write, options),
  };
}
