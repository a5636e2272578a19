import type { JsonObject, WorkError } from "@yardmaster/protocol";
import { Failed } from "./failed.ts";
import type { Message, RpcError } from "./message.ts";

/** The way to a peer. What it answers comes by `Session.receive`. */
export interface Wire {
  /** Resolves when the peer has it; rejects with `Failed`. */
  send(message: JsonObject): Promise<void>;
}

/** What a request of the peer's is answered with. */
export type Answer =
  | { readonly result: JsonObject }
  | { readonly error: { readonly code: number; readonly message: string } };

/** A request that was answered with an error. */
export class Refused extends Error {
  readonly rpc: RpcError;

  constructor(rpc: RpcError) {
    super(rpc.message);
    this.name = "Refused";
    this.rpc = rpc;
  }
}

/** What is said with one peer, in JSON-RPC 2.0. */
export interface Session {
  /** The result; rejects with `Refused`, or `Failed` where there will be none. */
  request(method: string, params: JsonObject): Promise<JsonObject>;
  notify(method: string, params?: JsonObject): Promise<void>;
  receive(message: Message): void;
  /** What the peer has been asked for and has not answered. */
  open(): readonly { readonly id: number; readonly method: string }[];
  /** Whether it has been asked this and has not answered it. */
  isOpen(method: string): boolean;
  /** The same of one request. */
  awaits(id: number): boolean;
  /** It will answer nothing more. */
  fail(error: WorkError): void;
}

const METHOD_NOT_FOUND = -32_601;
/**
 * What a peer asks for within so long; it may not read what it is answered, which is kept for it then. Half a
 * gigabyte came together in 15 s.
 */
const MAX_ASKED = 1_000;
const ASKED_MS = 60_000;
/** Of a name, an answer bears as much. */
const MAX_NAME_CHARS = 100;

interface Open {
  readonly method: string;
  resolve(result: JsonObject): void;
  reject(error: Error): void;
}

export interface SessionEvents {
  /** The answer to what the peer asks for; undefined where that is nothing that is offered to it. */
  readonly offered: (method: string, params: JsonObject) => Answer | undefined;
  readonly notified: (method: string, params: JsonObject) => void;
  /** What the call fails with where the peer asks for more than anybody answers. */
  readonly askedTooMuch: (what: string) => WorkError;
}

export function createSession(wire: Wire, on: SessionEvents): Session {
  const open = new Map<number, Open>();
  let asked = 0;
  let askedSinceMs = 0;
  let lastId = 0;
  let over: Failed | undefined;

  function settle(id: number | undefined): Open | undefined {
    // An error without an id is about the one request that waits.
    const own = id ?? open.keys().next().value;
    const found = own === undefined ? undefined : open.get(own);
    if (own !== undefined) open.delete(own);
    return found;
  }

  async function send(message: JsonObject): Promise<void> {
    if (over !== undefined) throw over;
    await wire.send({ jsonrpc: "2.0", ...message });
  }

  function fail(error: WorkError): void {
    over ??= new Failed(error);
    for (const one of open.values()) one.reject(over);
    open.clear();
  }

  function asksTooMuch(): boolean {
    const nowMs = performance.now();
    if (nowMs - askedSinceMs > ASKED_MS) {
      asked = 0;
      askedSinceMs = nowMs;
    }
    asked += 1;
    return asked > MAX_ASKED;
  }

  function answer(id: number | string, method: string, params: JsonObject): void {
    if (asksTooMuch())
      return fail(on.askedTooMuch(`more than ${MAX_ASKED} things within ${ASKED_MS / 1_000} s`));
    const name = method.slice(0, MAX_NAME_CHARS).toWellFormed();
    const error = { code: METHOD_NOT_FOUND, message: `Yardmaster does not offer ${name}` };
    send({ id, ...(on.offered(method, params) ?? { error }) }).catch(() => {}); // Who cannot be reached any more fails what is open by itself.
  }

  return {
    request(method, params) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        open.set(id, { method, resolve, reject });
        send({ id, method, params }).catch((error: unknown) => {
          open.delete(id);
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      });
    },
    notify: (method, params) => send({ method, ...(params !== undefined && { params }) }),
    receive(message) {
      switch (message.kind) {
        case "result":
          return settle(message.id)?.resolve(message.result);
        case "error":
          return settle(message.id)?.reject(new Refused(message.error));
        case "request":
          return answer(message.id, message.method, message.params);
        case "notification":
          return on.notified(message.method, message.params);
      }
    },
    open: () => [...open].map(([id, { method }]) => ({ id, method })),
    isOpen: (method) => [...open.values()].some((one) => one.method === method),
    awaits: (id) => open.has(id),
    fail,
  };
}
