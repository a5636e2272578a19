import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { collectFiles } from "./collect.ts";
import { createContentStore } from "./content-store.ts";
import { sha256 } from "./jobs.fixture.ts";
import { createLease } from "./lease.ts";
import { createPackFolders } from "./pack-folders.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "yard-parts-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const piece = (content: string, offset: number, length = content.length) => ({
  sha256: sha256(content),
  bytes: content.length,
  offset,
  data: Buffer.from(content).subarray(offset, offset + length),
});

test("content comes together from pieces, overlapping or out of turn, and no other way", async () => {
  const store = createContentStore(folder(), 1_000_000);
  const content = "0123456789";
  expect(await store.receive(piece(content, 0, 4))).toEqual({ status: "partial", offset: 4 });
  expect(await store.receive(piece(content, 6, 4))).toEqual({ status: "partial", offset: 4 });
  expect(await store.receive(piece(content, 2, 4))).toEqual({ status: "partial", offset: 6 });
  expect(store.has(sha256(content))).toBe(false);
  expect(await store.receive(piece(content, 6, 100))).toEqual({ status: "complete", offset: 10 });
  expect(store.has(sha256(content))).toBe(true);
  expect(await store.receive(piece(content, 0))).toEqual({ status: "complete", offset: 10 });
});

test("content that is not what it should be is not kept", async () => {
  const path = folder();
  const store = createContentStore(path, 1_000_000);
  const wrong = { ...piece("right", 0), data: Buffer.from("wrong") };
  expect(await store.receive(wrong)).toEqual({ status: "mismatch", offset: 0 });
  expect(readdirSync(path)).toEqual([]);
});

test("what was not used for longest makes room", async () => {
  const path = folder();
  const store = createContentStore(path, 25);
  for (const content of ["aaaaaaaaaa", "bbbbbbbbbb"]) await store.receive(piece(content, 0));
  const long = new Date(Date.now() - 60_000);
  for (const content of ["aaaaaaaaaa", "bbbbbbbbbb"])
    utimesSync(store.path(sha256(content)), long, long);
  store.has(sha256("aaaaaaaaaa"));
  await store.receive(piece("cccccccccc", 0));
  expect(readdirSync(path).sort()).toEqual([sha256("aaaaaaaaaa"), sha256("cccccccccc")].sort());
});

test("a stored file that was changed is found out, and fetched again next time", async () => {
  const root = folder();
  const store = createContentStore(join(root, "store"), 1_000_000);
  const packs = createPackFolders(join(root, "packs"), store);
  const file = { path: "f", bytes: 5, sha256: sha256("right"), mode: "0644" };
  await store.receive(piece("right", 0));
  writeFileSync(store.path(sha256("right")), "wrong");
  await expect(packs.take([file])).rejects.toThrow("broken");
  expect(store.has(sha256("right"))).toBe(false);
  await store.receive(piece("right", 0));
  const first = await packs.take([file]);
  const second = await packs.take([file]);
  expect(second.path).toBe(first.path);
});

test("a folder that a job takes while others are removed stays", async () => {
  const root = folder();
  const store = createContentStore(join(root, "store"), 1_000_000);
  const packs = createPackFolders(join(root, "packs"), store);
  await store.receive(piece("f", 0));
  const file = (path: string) => ({ path, bytes: 1, sha256: sha256("f"), mode: "0644" });
  // Takes a while to remove.
  const large = await packs.take(Array.from({ length: 100 }, (_, at) => file(`${at}`)));
  const old = await packs.take([file("old")]);
  const others = Array.from({ length: 16 }, (_, at) => packs.take([file(`other-${at}`)]));
  // Eighteen are unused at once, two more than are kept.
  for (const { release } of [old, large, ...(await Promise.all(others))]) release();
  await nextTurn();
  const again = await packs.take([file("old")]);
  await vi.waitUntil(() => !existsSync(large.path), { interval: 1 });
  await packs.take([file("further")]);
  expect(readdirSync(again.path)).toEqual(["old"]);
});

test("collecting follows no links, and gives files in order", async () => {
  const root = folder();
  mkdirSync(join(root, "b"));
  for (const name of ["b/2", "a", "b/1"]) writeFileSync(join(root, name), name);
  const found = await collectFiles(root, ["**"]);
  expect(found.map(({ path }) => path)).toEqual(["a", "b/1", "b/2"]);
  expect(await collectFiles(root, [])).toEqual([]);
});

test.skipIf(process.platform !== "linux")(
  "nor one that takes the place of a file while those before it are read",
  async () => {
    const root = folder();
    writeFileSync(join(root, "a"), "");
    truncateSync(join(root, "a"), 256 * 1024 * 1024);
    writeFileSync(join(root, "b"), "");
    const collecting = collectFiles(root, ["*"]);
    collecting.catch(() => {});
    await vi.waitUntil(() => isOpen(join(root, "a")), { interval: 1 });
    rmSync(join(root, "b"));
    symlinkSync("/etc/passwd", join(root, "b"));
    await expect(collecting).rejects.toThrow("ELOOP");
  },
);

function isOpen(path: string): boolean {
  const fds = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return fds.includes(path);
}

test("a lease is valid from when its renewal was asked for, not from when it was confirmed", () => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"],
  });
  onTestFinished(() => void vi.useRealTimers());
  const seen: string[] = [];
  const lease = createLease({
    leaseMs: 300,
    renew: () => seen.push("ask"),
    onLost: () => seen.push("lost"),
  });
  vi.advanceTimersByTime(100);
  expect(seen).toEqual(["ask"]);
  vi.advanceTimersByTime(90);
  lease.renewed();
  vi.advanceTimersByTime(209);
  expect(seen).toEqual(["ask", "ask", "ask"]);
  vi.advanceTimersByTime(1);
  expect(seen.at(-1)).toBe("lost");
  vi.advanceTimersByTime(1_000);
  expect(seen.filter((word) => word === "lost")).toHaveLength(1);
});

test("while the link is down a lease is neither renewed nor lost", () => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"],
  });
  onTestFinished(() => void vi.useRealTimers());
  const seen: string[] = [];
  const lease = createLease({
    leaseMs: 300,
    renew: () => seen.push("ask"),
    onLost: () => seen.push("lost"),
  });
  lease.suspend();
  vi.advanceTimersByTime(10_000);
  expect(seen).toEqual([]);
  lease.resume();
  expect(seen).toEqual(["ask"]);
  vi.advanceTimersByTime(301);
  expect(seen.at(-1)).toBe("lost");
});
