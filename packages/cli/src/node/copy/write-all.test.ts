import type { FileHandle } from "node:fs/promises";
import { expect, it } from "vitest";
import { writeAll } from "./write-all.ts";

it("goes on behind what the system took of a write, and fails where it takes no more", async () => {
  const room = 5;
  const taken = Buffer.alloc(room, ".");
  const write = async (content: Uint8Array, from: number, length: number, at: number) => {
    if (at >= room) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    const bytesWritten = Math.min(2, length, room - at);
    taken.set(content.subarray(from, from + bytesWritten), at);
    return { bytesWritten };
  };
  const file = { write } as unknown as FileHandle;
  await writeAll(file, Buffer.from("bcde"), 1);
  expect(taken.toString()).toBe(".bcde");
  await expect(writeAll(file, Buffer.from("abcdef"), 0)).rejects.toThrow("no space left");
});
