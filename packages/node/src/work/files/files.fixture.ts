import { createHash } from "node:crypto";
import { join } from "node:path";
import type { NodeFrames, OutgoingServerFrames } from "@yardmaster/protocol/node";
import { setUp } from "../testing/work.fixture.ts";

export const MIB = 1024 * 1024;
export const sha256 = (bytes: Buffer | string): string =>
  createHash("sha256").update(bytes).digest("hex");
export const b64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString("base64");

export type ReadAnswer = NodeFrames["read_result"];
type ReadOptions = Omit<OutgoingServerFrames["read"], "type" | "id" | "path">;
type WriteOptions = Omit<OutgoingServerFrames["write"], "type" | "id" | "path" | "content_b64">;

/** Reads and writes as the server does. */
export function files(options: Parameters<typeof setUp>[0] = {}) {
  const all = setUp(options);
  let ids = 0;
  const newId = (): string => {
    ids += 1;
    return `file-${ids}`;
  };
  const read = (path: string, range: ReadOptions = {}, id = newId()): Promise<ReadAnswer> => {
    all.send({ type: "read", id, path, ...range });
    return all.link().next("read_result", (frame) => frame.id === id);
  };
  const write = (path: string, content: Buffer | string, more: WriteOptions = {}, id = newId()) => {
    all.send({ type: "write", id, path, content_b64: b64(content), ...more });
    return all.link().next("write_result", (frame) => frame.id === id);
  };
  return { ...all, at: (name: string) => join(all.allowed, name), read, write };
}

export function okOf(answer: ReadAnswer) {
  if (answer.status !== "ok") throw new Error(JSON.stringify(answer));
  return { ...answer, content: Buffer.from(answer.content_b64, "base64") };
}
