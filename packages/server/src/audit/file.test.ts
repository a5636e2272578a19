import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { AUDIT_FILE_LIMITS, type AuditFileLimits, createAuditFile } from "./file.ts";

function setup(limits: Partial<AuditFileLimits> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "yard-audit-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "audit", "nodes.jsonl");
  const told: string[] = [];
  const log = {
    info: (_: object, message: string) => void told.push(`info: ${message}`),
    warn: (_: object, message: string) => void told.push(`warn: ${message}`),
  };
  const open = () =>
    createAuditFile({ path, now: () => 0, log }, { ...AUDIT_FILE_LIMITS, retryMs: 5, ...limits });
  const file = open();
  onTestFinished(() => file.close());
  return { folder, path, told, file, open, read: (of = path) => readFileSync(of, "utf8") };
}

it("appends lines to a file that only its owner can read, and goes on after a restart", async () => {
  const { file, open, path, read } = setup();
  file.append(["1", "2"]);
  await file.close();
  const next = open();
  next.append(["3"]);
  await next.close();
  expect(read()).toBe("1\n2\n3\n");
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("is moved on when it is full, and keeps so many before it", async () => {
  const { file, folder, path, read } = setup({ rotateBytes: 10, kept: 2 });
  for (const line of ["aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff", "gggg"]) {
    file.append([line]);
    await file.settled();
  }
  expect(readdirSync(join(folder, "audit")).sort()).toEqual([
    "nodes.jsonl",
    "nodes.jsonl.1",
    "nodes.jsonl.2",
  ]);
  expect([read(), read(`${path}.1`), read(`${path}.2`)]).toEqual([
    "gggg\n",
    "eeee\nffff\n",
    "cccc\ndddd\n",
  ]);
  if (process.platform !== "win32") expect(statSync(`${path}.1`).mode & 0o777).toBe(0o600);
});

it("takes the rights of others away from a file that was there", async () => {
  const { file, path } = setup();
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "", { mode: 0o644 });
  chmodSync(path, 0o644);
  file.append(["1"]);
  await file.settled();
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("begins a new line where a crash left half of one", async () => {
  const { file, path, read } = setup();
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, '{"half');
  file.append(["whole"]);
  await file.settled();
  expect(read()).toBe('{"half\nwhole\n');
});

it("follows when another has moved the file away", async () => {
  const { file, path, read } = setup();
  file.append(["1"]);
  await file.settled();
  renameSync(path, `${path}.moved`);
  file.append(["2"]);
  await file.settled();
  expect([read(`${path}.moved`), read()]).toEqual(["1\n", "2\n"]);
});

it("tells a path that cannot be written once, keeps what comes, and recovers by itself", async () => {
  const { file, folder, told, read } = setup();
  // A file where its folder should be: nobody can write there, root neither.
  writeFileSync(join(folder, "audit"), "in the way");
  for (const line of ["1", "2", "3"]) {
    file.append([line]);
    await file.settled();
  }
  expect(file.state()).toMatchObject({
    status: "failing",
    since: "1970-01-01T00:00:00.000Z",
    reason: expect.stringMatching(/EEXIST|ENOTDIR/),
    missed: 0,
  });
  rmSync(join(folder, "audit"));
  await vi.waitFor(() => expect(file.state().status).toBe("ok"));
  expect(read()).toBe("1\n2\n3\n");
  expect(told).toEqual([
    expect.stringContaining("warn: the audit's file cannot be written; calls go on"),
    "info: the audit's file is written again",
  ]);
});

it("counts what it could not hold, and says in the file that something is missing", async () => {
  const { file, folder, read } = setup({ maxWaitingBytes: 4 });
  writeFileSync(join(folder, "audit"), "in the way");
  file.append(["1", "2", "3", "4"]);
  await file.settled();
  expect(file.state()).toMatchObject({ status: "failing", missed: 2 });
  rmSync(join(folder, "audit"));
  await vi.waitFor(() => expect(file.state().status).toBe("ok"));
  expect(read()).toBe('{"ts":"1970-01-01T00:00:00.000Z","action":"audit.gap","missed":2}\n1\n2\n');
  expect(file.state().missed).toBe(2);
});

it("says that something is missing also where it came while others were being written", async () => {
  const { file, read } = setup({ maxWaitingBytes: 4 });
  file.append(["1", "2"]);
  const writing = file.settled();
  file.append(["3", "4", "5"]);
  await writing;
  expect(file.state()).toMatchObject({ status: "ok", missed: 1 });
  expect(read()).toBe(
    '1\n2\n{"ts":"1970-01-01T00:00:00.000Z","action":"audit.gap","missed":1}\n3\n4\n',
  );
});
