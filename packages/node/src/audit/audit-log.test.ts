import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { AuditNote } from "../work/work.types.ts";
import { type AuditLogOptions, createAuditLog } from "./audit-log.ts";

const NOTE: AuditNote = {
  action: "exec",
  phase: "end",
  request_id: "c-1",
  status: "ok",
  exit_code: 0,
  duration_ms: 5,
};

async function logIn(options: Partial<AuditLogOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "yard-node-"));
  const path = join(folder, "audit.jsonl");
  const onTrouble = vi.fn<(message: string) => void>();
  const base = { path, node: () => "lab-7", now: () => Date.UTC(2026, 0, 1), onTrouble };
  return { folder, path, onTrouble, log: createAuditLog({ ...base, ...options }) };
}

test("a call is one line for the owner alone, under the id of its request", async () => {
  const { log, path } = await logIn();
  log.note({ ...NOTE, actor: "token:ada", session_id: "s-1", details: { command: "true" } });
  await log.close();
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
    ts: "2026-01-01T00:00:00.000Z",
    node: "lab-7",
    action: "exec",
    status: "ok",
    duration_ms: 5,
    exit_code: 0,
    request_id: "c-1",
    actor: "token:ada",
    phase: "end",
    session_id: "s-1",
    details: { command: "true" },
  });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a full file moves on, and the fifth is the last", async () => {
  const { log, folder, path } = await logIn({ fileBytes: 1 });
  for (let at = 0; at < 8; at++) {
    log.note({ ...NOTE, request_id: `c-${at}` });
    await log.close();
    log.note({ ...NOTE, request_id: `d-${at}` });
    await log.close();
  }
  const names = (await readdir(folder)).sort();
  expect(names).toEqual(["audit.jsonl", ...[1, 2, 3, 4].map((age) => `audit.jsonl.${age}`)]);
  expect(await readFile(path, "utf8")).toContain("d-7");
  for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
});

test("a file is moved on before it is larger than it may be", async () => {
  const { log, folder } = await logIn({ fileBytes: 400 });
  for (let at = 0; at < 10; at++) {
    log.note({ ...NOTE, request_id: `c-${at}` });
    await log.close();
  }
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  expect(Math.max(...(await Promise.all(sizes)))).toBeLessThanOrEqual(400);
  expect(sizes.length).toBeGreaterThan(1);
});

test("a line that a crash left half is not stuck to the next", async () => {
  const { log, path } = await logIn();
  await writeFile(path, '{"torn":');
  log.note(NOTE);
  await log.close();
  const [torn, whole] = (await readFile(path, "utf8")).split("\n");
  expect(torn).toBe('{"torn":');
  expect(JSON.parse(whole as string)).toMatchObject({ request_id: "c-1" });
});

test("what was there before is kept, and made the owner's", async () => {
  const { log, path } = await logIn();
  await writeFile(path, '{"old":true}\n', { mode: 0o644 });
  log.note(NOTE);
  await log.close();
  expect((await readFile(path, "utf8")).split("\n")[0]).toBe('{"old":true}');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a failing disk is told once, breaks nothing, and its return is told with what was lost", async () => {
  const { log, path, onTrouble } = await logIn();
  await mkdir(path);
  log.note(NOTE);
  log.note(NOTE);
  await log.close();
  log.note(NOTE);
  await log.close();
  expect(onTrouble.mock.calls).toEqual([[expect.stringContaining("cannot be written")]]);
  await rm(path, { recursive: true });
  log.note({ ...NOTE, request_id: "c-9" });
  await log.close();
  expect(onTrouble.mock.lastCall?.[0]).toContain("3 lines were lost");
  expect(await readFile(path, "utf8")).toContain("c-9");
});

test("a link in its place is not followed", async () => {
  const { log, folder, path, onTrouble } = await logIn();
  await writeFile(join(folder, "victim"), "");
  await symlink(join(folder, "victim"), path);
  log.note(NOTE);
  await log.close();
  expect(await readFile(join(folder, "victim"), "utf8")).toBe("");
  expect(onTrouble).toHaveBeenCalledTimes(1);
});

test("a disk that is slower than the calls does not fill the memory", async () => {
  const { log, path, onTrouble } = await logIn({ waitingMost: 10 });
  for (let at = 0; at < 1_000; at++) log.note({ ...NOTE, request_id: `c-${at}` });
  await log.close();
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  expect(lines.length).toBeLessThan(50);
  expect(onTrouble.mock.lastCall?.[0]).toContain(`${1_000 - lines.length} lines were lost`);
});
