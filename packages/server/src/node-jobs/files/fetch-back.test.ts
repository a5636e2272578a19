import { createHash } from "node:crypto";
import type { StepFile, WorkError } from "@yardmaster/protocol";
import type { CollectedFile, NodeFrames } from "@yardmaster/protocol/node";
import { expect, it, vi } from "vitest";
import type { AttemptFiles } from "../../runners/index.ts";
import { collectedFlaw, createFetchBack } from "./fetch-back.ts";

const MIB = 1024 * 1024;
const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");
const BIG = Buffer.alloc(2 * MIB + 7, "b");
const SMALL = Buffer.from("small");
const EMPTY = Buffer.alloc(0);
const FULL: WorkError = { code: "limit_exceeded", message: "It is too much." };

function listed(path: string, content: Buffer, more: Partial<CollectedFile> = {}): CollectedFile {
  return { path, bytes: content.length, sha256: sha256(content), ...more };
}

interface Asked {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** A node with these files, and a store that keeps what is whole and right. */
function setUp(files: readonly CollectedFile[], over: (WorkError | undefined)[] = []) {
  const asked: Asked[] = [];
  const kept: string[] = [];
  let dropped = 0;
  let isUp = true;
  let ended: ((how: readonly StepFile[] | WorkError) => void) | undefined;
  const end = new Promise<readonly StepFile[] | WorkError>((resolve) => {
    ended = resolve;
  });
  const store: AttemptFiles = {
    given: [],
    refused: async () => undefined,
    read: () => {
      throw new Error("nothing is read");
    },
    overLimit: async () => over.shift(),
    reuse: async () => false,
    write() {
      const parts: Buffer[] = [];
      return {
        add: async (data) => void parts.push(data),
        finish: async (sum) => {
          const isRight = sha256(Buffer.concat(parts)) === sum;
          if (isRight) kept.push(sum);
          return isRight;
        },
        drop: async () => void dropped++,
      };
    },
  };
  const fetch = createFetchBack(
    {
      leaseId: "l",
      files: store,
      isLinked: () => isUp,
      send: async (frame) => {
        if (!isUp) throw new Error("the link is gone");
        asked.push(frame as Asked);
      },
      onEnd: (how) => ended?.(how),
    },
    files,
  );
  const answer = (content: Buffer, more: Partial<NodeFrames["task_file_data"]> = {}): void => {
    const { path, offset, length } = asked.at(-1) as Asked;
    const data = content.subarray(offset, offset + length);
    const eof = offset + length >= content.length;
    const head = { type: "task_file_data", lease_id: "l", path, offset } as const;
    fetch.take({ ...head, data, eof, ...more });
  };
  const next = (count: number) => vi.waitFor(() => expect(asked).toHaveLength(count));
  const cut = () => {
    isUp = false;
  };
  const heal = () => {
    isUp = true;
    fetch.resume();
  };
  return { fetch, asked, kept, end, answer, next, cut, heal, dropped: () => dropped };
}

it("brings each file in ranges of 1 MiB, one after the other", async () => {
  const files = [listed("big", BIG, { mode: "0755" }), listed("none", EMPTY), listed("s", SMALL)];
  const node = setUp(files);
  node.fetch.begin();
  for (const [count, content] of [
    [1, BIG],
    [2, BIG],
    [3, BIG],
    [4, SMALL],
  ] as const) {
    await node.next(count);
    node.answer(content);
  }
  expect(await node.end).toEqual(files.map((file) => ({ ...file, mode: file.mode ?? "0644" })));
  expect(node.kept).toEqual(files.map((file) => file.sha256));
  expect(node.asked.map(({ path, offset, length }) => [path, offset, length])).toEqual([
    ["big", 0, MIB],
    ["big", MIB, MIB],
    ["big", 2 * MIB, 7],
    ["s", 0, 5],
  ]);
});

it("asks again over the next link for the range that it has not got, and for no other", async () => {
  const node = setUp([listed("big", BIG)]);
  node.fetch.begin();
  await node.next(1);
  node.answer(BIG);
  await node.next(2);
  node.cut();
  node.heal();
  await node.next(3);
  // The answer over the link before, and the one over this.
  node.answer(BIG);
  node.answer(BIG);
  await node.next(4);
  node.answer(BIG);
  expect(await node.end).toMatchObject([{ path: "big" }]);
  expect(node.asked.map(({ offset }) => offset)).toEqual([0, MIB, MIB, 2 * MIB]);
});

it.each([
  ["more than it listed", Buffer.alloc(9, "x"), {}, "hash_mismatch", "more than the 5 bytes"],
  ["something else", Buffer.from("SMALL"), {}, "hash_mismatch", "not what its checksum says"],
  ["nothing", EMPTY, {}, "io_error", "it ends after 0 of its 5 bytes"],
  [
    "an error",
    EMPTY,
    { error: "file_not_found", error_detail: "it is gone" },
    "io_error",
    "it is gone",
  ],
])("fails where the node sends %s, and keeps nothing", async (_, content, more, code, text) => {
  const node = setUp([listed("s", SMALL)]);
  node.fetch.begin();
  await node.next(1);
  node.answer(content, { data: content, ...more });
  expect(await node.end).toMatchObject({ code, message: expect.stringContaining(text) });
  expect(node.kept).toEqual([]);
});

it("asks for nothing where it is too much for the tree of runs", async () => {
  const node = setUp([listed("s", SMALL)], [FULL]);
  node.fetch.begin();
  expect(await node.end).toBe(FULL);
  expect(node.asked).toEqual([]);
});

it("fails where others have stored too much meanwhile", async () => {
  const node = setUp([listed("s", SMALL)], [undefined, FULL]);
  node.fetch.begin();
  await node.next(1);
  node.answer(SMALL);
  expect(await node.end).toBe(FULL);
});

it("does not look at what nobody has asked for", async () => {
  const node = setUp([listed("s", SMALL)]);
  node.fetch.begin();
  await node.next(1);
  node.answer(SMALL, { offset: 3 });
  node.answer(SMALL, { path: "other" });
  node.answer(SMALL);
  node.answer(SMALL);
  expect(await node.end).toMatchObject([{ path: "s", bytes: 5 }]);
});

it("lets go of what it has begun when nobody wants it any more", async () => {
  const node = setUp([listed("big", BIG)]);
  node.fetch.begin();
  await node.next(1);
  node.fetch.stop();
  node.answer(BIG);
  expect(node.dropped()).toBe(1);
  expect(node.asked).toHaveLength(1);
});

it.each([
  [[listed("a", SMALL), listed("a", BIG)], "lists a file twice"],
  [[listed("b", SMALL)], "b is none of the files that it is to hand back"],
  [[listed("a", SMALL, { bytes: 104_857_601 })], "a file may have 100 MiB"],
  [[], "It was to hand back a, and it is not there"],
])("refuses a list before anything of it is fetched: %#", (files, text) => {
  expect(collectedFlaw(["a"], files)?.message).toContain(text);
});
