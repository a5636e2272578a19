import type { JsonObject, WorkError } from "@yardmaster/protocol";
import { Failed } from "./failed.ts";
import type { Message, RpcError } from "./message.ts";

/** The way to a server. What it answers comes by `Session.receive`. */
export interface Wire {
  /** Resolves when the server has it; rejects with `Failed`. */
  send(message: JsonObject): Promise<void>;
  /** Which version of the protocol is spoken from now on. */
  agreed(version: string): void;
}

/** A request that was answered with an error. */
export class Refused extends Error {
  readonly rpc: RpcError;

  constructor(rpc: RpcError) {
    super(rpc.message);
    this.name = "Refused";
    this.rpc = rpc;
  }
}

/** What is said with one server, in JSON-RPC 2.0. */
export interface Session {
  /** The result; rejects with `Refused`, or `Failed` where there will be none. */
  request(method: string, params: JsonObject): Promise<JsonObject>;
  notify(method: string, params?: JsonObject): Promise<void>;
  receive(message: Message): void;
  /** Whether the server has been asked this and has not answered it. */
  isOpen(method: string): boolean;
  /** The same of one request. */
  awaits(id: number): boolean;
  /** It will answer nothing more. */
  fail(error: WorkError): void;
  /** Tells the server that what it is asked for now is wanted no longer; `initialize` cannot be taken back. */
  cancel(reason: string): Promise<void>;
}

const METHOD_NOT_FOUND = -32_601;

interface Open {
  readonly method: string;
  resolve(result: JsonObject): void;
  reject(error: Error): void;
}

/** Nothing is offered to the server: of what it asks for, only `ping` is answered. */
export function createSession(
  wire: Wire,
  onNotification: (method: string, params: JsonObject) => void,
): Session {
  const open = new Map<number, Open>();
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

  function answer(id: number | string, method: string): void {
    const error = { code: METHOD_NOT_FOUND, message: `Yardmaster does not offer ${method}` };
    const said = method === "ping" ? { id, result: {} } : { id, error };
    send(said).catch(() => {}); // Who cannot be reached any more fails what is open by itself.
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
          return answer(message.id, message.method);
        case "notification":
          return onNotification(message.method, message.params);
      }
    },
    isOpen: (method) => [...open.values()].some((one) => one.method === method),
    awaits: (id) => open.has(id),
    fail(error) {
      over ??= new Failed(error);
      for (const one of open.values()) one.reject(over);
      open.clear();
    },
    async cancel(reason) {
      for (const [requestId, { method }] of open)
        if (method !== "initialize")
          await send({ method: "notifications/cancelled", params: { requestId, reason } });
    },
  };
}
