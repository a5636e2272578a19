import { NODE_LIMITS } from "@yardmaster/protocol/node";
import { expect, it } from "vitest";
import { checkRead, checkWrite } from "./request-checks.ts";

it("a file or a range larger than a node takes is refused before it is sent, with how it can be done", () => {
  const write = (bytes: number) => () =>
    checkWrite({ path: "/tmp/a", content: Buffer.alloc(bytes) });
  expect(write(NODE_LIMITS.fileBytes)).not.toThrow();
  expect(write(NODE_LIMITS.fileBytes + 1)).toThrow(/is larger than \d+ bytes; write it in ranges/);
  const read = (length: number) => () => checkRead({ path: "/tmp/a", length });
  expect(read(NODE_LIMITS.rangeBytes)).not.toThrow();
  expect(read(NODE_LIMITS.rangeBytes + 1)).toThrow(/is over \d+ bytes; ask for several ranges/);
});
