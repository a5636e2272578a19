import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NODE_LIMITS } from "@yardmaster/protocol/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { jobPayloadOf } from "../job/job-payload.ts";
import { piecesOf } from "./file-feed.ts";
import { createPackManifest } from "./pack-manifest.ts";

const PACK = mkdtempSync(join(tmpdir(), "yard-manifest-"));
const BIG = randomBytes(2 * NODE_LIMITS.rangeBytes + 7);
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const manifest = createPackManifest();

beforeAll(() => {
  mkdirSync(join(PACK, "code"));
  writeFileSync(join(PACK, "code/run.py"), "print(1)\n");
  writeFileSync(join(PACK, "tool"), "#!/bin/sh\n");
  chmodSync(join(PACK, "tool"), 0o755);
  writeFileSync(join(PACK, "big.bin"), BIG);
  writeFileSync(join(PACK, "empty"), "");
});
afterAll(() => rmSync(PACK, { recursive: true }));

const START = {
  argv: ["code/run.py"],
  interpreter: "python",
  env: {},
  cwd: "pack",
  stdin: "{}\n",
  timeoutMs: 1_000,
  packFolder: PACK,
} as const;

async function gathered(path: string, from: number): Promise<Buffer> {
  const file = (await manifest(PACK)).find((one) => one.path === path);
  if (file === undefined) throw new Error(`${path} is not in the manifest`);
  const pieces: Buffer[] = [];
  let isWhole = false;
  for await (const { data, eof } of piecesOf(file, PACK, from)) {
    expect(data.length).toBeLessThanOrEqual(NODE_LIMITS.rangeBytes);
    pieces.push(data);
    isWhole = eof;
  }
  expect(isWhole).toBe(true);
  return Buffer.concat(pieces);
}

it("lists every file of a pack with its checksum and whether it can be executed", async () => {
  expect([...(await manifest(PACK))].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: "big.bin", bytes: BIG.length, sha256: sha256(BIG), mode: "0644" },
    { path: "code/run.py", bytes: 9, sha256: sha256(Buffer.from("print(1)\n")), mode: "0644" },
    { path: "empty", bytes: 0, sha256: sha256(Buffer.alloc(0)), mode: "0644" },
    { path: "tool", bytes: 10, sha256: sha256(Buffer.from("#!/bin/sh\n")), mode: "0755" },
  ]);
  expect(await manifest("")).toEqual([]);
});

it("gives a file in pieces, from any offset on", async () => {
  expect((await gathered("big.bin", 0)).equals(BIG)).toBe(true);
  const half = NODE_LIMITS.rangeBytes + 3;
  expect((await gathered("big.bin", half)).equals(BIG.subarray(half))).toBe(true);
  expect(await gathered("empty", 0)).toHaveLength(0);
});

it("an input that is to come as a file goes along with the offer, and is none of the files that a node keeps", async () => {
  const offered = jobPayloadOf(
    { ...START, stdin: "", inputFile: '{"a":1}\n' },
    await manifest(PACK),
  );
  if ("code" in offered) throw new Error(offered.message);
  const { input_b64 = "", files, stdin_b64 } = offered.payload;
  expect(stdin_b64).toBeUndefined();
  expect(Buffer.from(input_b64, "base64").toString()).toBe('{"a":1}\n');
  expect(files).toEqual(await manifest(PACK));
});

it("an entry that the pack does not have, and an input that is too large, are told before the node is asked", async () => {
  expect(jobPayloadOf({ ...START, argv: ["code/rum.py"] }, await manifest(PACK))).toMatchObject({
    code: "process_start",
    message: expect.stringContaining('"code/rum.py" is not a file of the pack'),
  });
  const stdin = "x".repeat(NODE_LIMITS.rangeBytes + 1);
  expect(jobPayloadOf({ ...START, stdin }, await manifest(PACK))).toMatchObject({
    code: "limit_exceeded",
  });
});
