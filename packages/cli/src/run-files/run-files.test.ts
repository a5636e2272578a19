import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunFile } from "@yardmaster/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { RUN_ID } from "../testing/wire-records.ts";
import { startWireServer } from "../testing/wire-server.ts";

const CONTENT = Buffer.from("0123456789");
const SUM = createHash("sha256").update(CONTENT).digest("hex");

function file(step: string, item: number | null, path: string, sha256 = SUM): RunFile {
  return { step, item, attempt: 1, path, bytes: CONTENT.length, sha256, mode: "0755" };
}

const FILES = [
  file("make", null, "out/report.txt"),
  file("each", 0, "part", "a".repeat(64)),
  file("each", 1, "part"),
];

async function setUp(content = CONTENT) {
  const ranges: (string | undefined)[] = [];
  const { env } = await startWireServer({
    [`GET /v1/runs/${RUN_ID}/files`]: { json: FILES },
    [`GET /v1/runs/${RUN_ID}/files/${SUM}`]: ({ headers }, response) => {
      ranges.push(headers.range);
      const from = Number(/\d+/.exec(headers.range ?? "0")?.[0]);
      response.writeHead(headers.range === undefined ? 200 : 206);
      response.end(content.subarray(from));
      return undefined;
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "yard-run-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = (...argv: string[]) =>
    callYard(["runs", "files", RUN_ID, ...argv], { env, cwd: folder });
  return { files, folder, ranges, at: (name: string) => join(folder, name) };
}

test("lists what the steps of a run handed back, with their items", async () => {
  const { files } = await setUp();
  expect((await files()).stdout).toMatch(
    /^STEP +SIZE +SHA256 +PATH\nmake +10 B +[0-9a-f]{12} +out\/report.txt\neach#0 .*part\neach#1 .*part\n$/,
  );
  const { stdout } = await files("--step", "each#1", "--json");
  expect(JSON.parse(stdout)).toEqual(FILES[2]);
});

test("fetches one by its path, under its own name, whole and with its mode", async () => {
  const { files, folder, at } = await setUp();
  expect(await files("--get", "out/report.txt")).toMatchObject({ exitCode: 0 });
  expect(readFileSync(at("report.txt"), "utf8")).toBe("0123456789");
  if (process.platform !== "win32") expect(statSync(at("report.txt")).mode & 0o100).toBe(0o100);
  expect(readdirSync(folder)).toEqual(["report.txt"]);
});

test("goes on where a fetch was cut off", async () => {
  const { files, folder, ranges, at } = await setUp();
  writeFileSync(at(`x.yard-part-${SUM.slice(0, 12)}`), CONTENT.subarray(0, 6));
  const call = await files("--get", "out/report.txt", "-o", "x", "--json");
  expect(JSON.parse(call.stdout)).toMatchObject({ target: at("x"), resumed_bytes: 6 });
  expect(ranges).toEqual(["bytes=6-"]);
  expect(readFileSync(at("x"), "utf8")).toBe("0123456789");
  expect(readdirSync(folder)).toEqual(["x"]);
});

test("tells content that is not what its checksum says, and leaves what was there alone", async () => {
  const { files, folder, at } = await setUp(Buffer.from("012345678X"));
  writeFileSync(at("report.txt"), "old");
  const call = await files("--get", "out/report.txt");
  expect(call).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("checksum") });
  expect(readFileSync(at("report.txt"), "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual(["report.txt"]);
});

test("takes away what has arrived of a file for which there is no room, and says so", async () => {
  const { files, folder, at } = await setUp();
  const handle = await open(folder);
  await handle.close();
  const full = Object.assign(new Error("full"), { code: "ENOSPC" });
  const writes = vi.spyOn(Object.getPrototypeOf(handle), "write").mockRejectedValueOnce(full);
  const call = await files("--get", "out/report.txt");
  writes.mockRestore();
  expect(call.exitCode).toBe(1);
  expect(call.stderr).toContain(`no room for ${at("report.txt")}, 10 B (ENOSPC); what had arrived`);
  expect(readdirSync(folder)).toEqual([]);
});

test("asks which one is meant where steps have different ones, and knows near names", async () => {
  const { files, at } = await setUp();
  const unclear = await files("--get", "part");
  expect(unclear.exitCode).toBe(5);
  expect(unclear.stderr).toContain("each#0, each#1 handed back different files part: say --step");
  expect(await files("--get", "part", "--step", "each#1")).toMatchObject({ exitCode: 0 });
  expect(existsSync(at("part"))).toBe(true);
  const wrong = await files("--get", "out/reprot.txt");
  expect(wrong.exitCode).toBe(3);
  expect(wrong.stderr).toContain("did you mean out/report.txt?");
});
