import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { isRunning, pidsIn } from "../testing/work.fixture.ts";
import { jobs, sha256 } from "./jobs.fixture.ts";

test("a job that fails says with what", async () => {
  const { offer, result } = jobs();
  expect(await result(offer({ argv: ["sh", "-c", "exit 7"] }))).toMatchObject({
    status: "failed",
    exit_code: 7,
    error: "exec_failed",
  });
  expect(await result(offer({ argv: ["sh", "-c", "kill -9 $$"] }))).toMatchObject({
    status: "failed",
    exit_code: -1,
    signal: "SIGKILL",
  });
  const missing = await result(offer({ argv: ["no-such-program"] }));
  expect(missing).toMatchObject({ status: "failed", error: "exec_failed" });
  expect(missing.error_detail).toContain("no-such-program");
});

test("input, variables and folders are the job's own", async () => {
  const { offer, result, logged, root } = jobs({
    environment: { PATH: process.env["PATH"], SECRET: "x" },
  });
  const lease = offer({
    argv: ["sh", "-c", 'cat; pwd; echo "$A|$SECRET|$IN"; ls -a; touch left', "x", "${YARD_WORK}"],
    env: { A: "it's", IN: "${YARD_PACK}/f" },
    stdin_b64: Buffer.from("in\n").toString("base64"),
    cwd: "work",
  });
  expect((await result(lease)).status).toBe("succeeded");
  const [input, work, variables, ...listed] = logged(lease).trimEnd().split("\n");
  expect(input).toBe("in");
  expect(work).toMatch(new RegExp(`^${root}/state/run/.*/work$`));
  expect(variables).toMatch(/^it's\|\|\/.*\/packs\/\d+\/f$/);
  expect(listed).toEqual([".", ".."]);
});

test("an input that comes as a file is its user's alone, named for shells and commands, and gone with the end", async () => {
  const { offer, result, logged, root } = jobs();
  const input = JSON.stringify({ secrets: { token: "t-4711" } });
  const lease = offer({
    argv: ["sh", "-c", 'stat -c %a "$1"; cat "$YARD_INPUT_FILE"; ls -a', "x", "{input_file}"],
    input_b64: Buffer.from(input).toString("base64"),
    collect: ["*"],
  });
  expect(await result(lease)).toMatchObject({ status: "succeeded", files: [] });
  expect(logged(lease)).toBe(`600\n${input}.\n..\n`);
  const left = readdirSync(join(root, "state"), { recursive: true, withFileTypes: true });
  const holding = left.filter(
    (file) =>
      file.isFile() && readFileSync(join(file.parentPath, file.name), "utf8").includes("t-4711"),
  );
  expect(holding.map(({ name }) => name)).toEqual([]);
});

test("node and python are found on the node, and a program of the job's own runs from anywhere", async () => {
  const { offer, result, logged, serve, fileOf } = jobs();
  const script = "console.log(process.version, process.argv[2], require('./lib/part.js'))";
  const part = "module.exports = 'part'";
  const lease = offer({
    argv: ["main.js", "arg"],
    interpreter: "node",
    cwd: "work",
    files: [fileOf("main.js", script), fileOf("lib/part.js", part)],
  });
  await serve(lease, [script, part]);
  expect((await result(lease)).status).toBe("succeeded");
  expect(logged(lease)).toBe(`${process.version} arg part\n`);
  const py = offer({ argv: ["-c", "print('py')"], interpreter: "python" });
  expect((await result(py)).status).toBe("succeeded");
  expect(logged(py)).toBe("py\n");
  const own = "#!/bin/sh\necho own";
  const executable = offer({ argv: ["./bin/tool"], files: [fileOf("bin/tool", own, "0755")] });
  await serve(executable, [own]);
  await result(executable);
  expect(logged(executable)).toBe("own\n");
});

test("files are fetched once, in pieces, and are read-only where the job finds them", async () => {
  const { offer, result, logged, serve, fileOf, link } = jobs();
  const content = randomBytes(10_000).toString("hex");
  const files = [fileOf("a/f", content), fileOf("same", content), fileOf("empty", "")];
  const command = [
    "sh",
    "-c",
    "cat a/f | sha256sum; cmp a/f same; wc -c < empty; stat -c %a a/f a empty",
  ];
  const first = offer({ argv: command, cwd: "pack", files });
  const need = await serve(first, [content, ""]);
  expect(need.files).toHaveLength(2);
  expect((await result(first)).status).toBe("succeeded");
  expect(logged(first)).toBe(`${sha256(content)}  -\n0\n444\n555\n444\n`);
  const acks = link().frames.filter((frame) => frame.type === "task_file_ack");
  expect(acks.at(-1)).toBeDefined();
  expect(Math.max(...acks.map((ack) => (ack.type === "task_file_ack" ? ack.offset : 0)))).toBe(
    20_000,
  );
  const second = offer({ argv: command, cwd: "pack", files });
  expect((await result(second)).status).toBe("succeeded");
  expect(link().frames.filter(({ type }) => type === "task_need")).toHaveLength(1);
});

test("what a job does to its files is gone for the next", async () => {
  const { offer, result, logged, serve, fileOf } = jobs();
  const files = [fileOf("f", "clean"), fileOf("d/g", "too")];
  const spoil = offer({
    argv: ["sh", "-c", "chmod -R u+w .; echo spoilt > f; rm d/g"],
    cwd: "pack",
    files,
  });
  await serve(spoil, ["clean", "too"]);
  expect((await result(spoil)).status).toBe("succeeded");
  const next = offer({ argv: ["cat", "f", "d/g"], cwd: "pack", files });
  expect((await result(next)).status).toBe("succeeded");
  expect(logged(next)).toBe("cleantoo");
});

test("a file that arrives as something else is asked for again, and then given up", async () => {
  const { offer, result, serve, fileOf, link, send } = jobs();
  const lease = offer({ argv: ["cat", "f"], cwd: "pack", files: [fileOf("f", "right")] });
  await link().next("task_need");
  const wrong = {
    type: "task_file",
    lease_id: lease,
    sha256: sha256("right"),
    offset: 0,
    eof: true,
  } as const;
  send({ ...wrong, data: Buffer.from("wrong") });
  await vi.waitFor(() =>
    expect(link().frames.filter(({ type }) => type === "task_need")).toHaveLength(2),
  );
  await serve(lease, ["right"]);
  expect((await result(lease)).status).toBe("succeeded");
  const other = offer({ argv: ["cat", "f"], cwd: "pack", files: [fileOf("f", "never")] });
  await link().next("task_need", (frame) => frame.lease_id === other);
  for (let time = 0; time < 2; time += 1) {
    send({ ...wrong, lease_id: other, sha256: sha256("never"), data: Buffer.from("wrong") });
  }
  expect(await result(other)).toMatchObject({ status: "failed", error: "io_error" });
});

test("files that the job asks to hand back are described, fetched by range, and gone when it is done", async () => {
  const { offer, result, send, link, folders } = jobs();
  const lease = offer({
    argv: [
      "sh",
      "-c",
      "mkdir -p out/deep; echo a > out/a.txt; printf 0123456789 > out/deep/b.txt; echo c > c.log; ln -s /etc/passwd out/link.txt",
    ],
    collect: ["out/**/*.txt"],
  });
  const { files } = await result(lease);
  expect(files).toEqual([
    { path: "out/a.txt", bytes: 2, sha256: sha256("a\n"), mode: "0644" },
    { path: "out/deep/b.txt", bytes: 10, sha256: sha256("0123456789"), mode: "0644" },
  ]);
  send({ type: "task_fetch", lease_id: lease, path: "out/deep/b.txt", offset: 4, length: 3 });
  const piece = await link().next("task_file_data");
  expect([piece.data.toString(), piece.offset, piece.eof]).toEqual(["456", 4, false]);
  send({ type: "task_fetch", lease_id: lease, path: "c.log", offset: 0, length: 10 });
  const refused = await link().next("task_file_data", ({ path }) => path === "c.log");
  expect(refused).toMatchObject({ error: "file_not_found", eof: true });
  expect(folders()).toHaveLength(1);
  send({ type: "task_done", lease_id: lease, accepted: true });
  await vi.waitFor(() => expect(folders()).toEqual([]));
});

test("a job that has run and whose files cannot be handed back says both", async () => {
  const { offer, result } = jobs();
  const lease = offer({
    argv: ["sh", "-c", "printf x > \"$(printf 'bad\\377.txt')\""],
    collect: ["*.txt"],
  });
  expect(await result(lease)).toMatchObject({
    ...{ status: "failed", exit_code: 0, error: "io_error" },
    error_detail: "the name of bad\ufffd.txt is no UTF-8: give it another",
  });
});

test("a canceled job gets TERM, its output is kept, and nothing of it is left", async () => {
  const { offer, result, logged, send } = jobs();
  const lease = offer({
    argv: ["sh", "-c", "trap 'echo tidied; exit 0' TERM; sleep 999 & echo $!; wait; wait"],
  });
  await vi.waitFor(() => expect(pidsIn(logged(lease))).toHaveLength(1));
  const [pid = 0] = pidsIn(logged(lease));
  send({ type: "task_cancel", lease_id: lease, grace_ms: 5_000 });
  expect(await result(lease)).toMatchObject({ status: "canceled", error: "exec_canceled" });
  expect(logged(lease)).toContain("tidied");
  expect(isRunning(pid)).toBe(false);
});

test("a job that was canceled before its files came never begins", async () => {
  const { offer, result, send, fileOf, link, allowed } = jobs();
  const lease = offer({ argv: ["touch", `${allowed}/ran`], files: [fileOf("f", "x")] });
  await link().next("task_need");
  send({ type: "task_cancel", lease_id: lease });
  expect(await result(lease)).toMatchObject({ status: "canceled", exit_code: -1 });
  send({
    type: "task_file",
    lease_id: lease,
    sha256: sha256("x"),
    offset: 0,
    data: Buffer.from("x"),
  });
  send({ type: "task_done", lease_id: lease, accepted: true });
  expect(existsSync(join(allowed, "ran"))).toBe(false);
});

test("a job that takes too long is stopped", async () => {
  const { offer, result } = jobs();
  expect(await result(offer({ argv: ["sleep", "99"], timeout_ms: 200 }))).toMatchObject({
    status: "failed",
    error: "exec_timeout",
    signal: "SIGTERM",
  });
});

test("what a job leaves in the background ends with it, wherever it went", async () => {
  const { offer, result, logged, allowed } = jobs();
  const away = `setsid sh -c 'echo $$; touch ${allowed}/away; exec sleep 998'`;
  const untilAway = `while [ ! -e ${allowed}/away ]; do sleep 0.01; done`;
  const lease = offer({ argv: ["sh", "-c", `sleep 999 & echo $!; ${away} & ${untilAway}`] });
  expect((await result(lease)).status).toBe("succeeded");
  const pids = pidsIn(logged(lease));
  expect(pids).toHaveLength(2);
  expect(pids.filter(isRunning)).toEqual([]);
});

test("at the end of the node jobs are canceled and told, and no folder is left", async () => {
  const { offer, logged, work, link, root } = jobs();
  const lease = offer({ argv: ["sh", "-c", "echo $$; exec sleep 999"] });
  await vi.waitFor(() => expect(pidsIn(logged(lease))).toHaveLength(1));
  const [pid = 0] = pidsIn(logged(lease));
  await work.killAll();
  expect(isRunning(pid)).toBe(false);
  expect(link().frames).toContainEqual(
    expect.objectContaining({ type: "task_result", lease_id: lease, status: "canceled" }),
  );
  expect(readdirSync(join(root, "state/run"))).toEqual([]);
});

test("files are put into the work folder, which is the job's own to change", async () => {
  const { offer, result, logged, serve, fileOf } = jobs();
  const lease = offer({
    argv: ["sh", "-c", 'cat in/a.txt; ./go; echo more >>in/a.txt; ls "$YARD_WORK"'],
    files: [fileOf("pack.txt", "of the pack")],
    work_files: [fileOf("in/a.txt", "given\n"), fileOf("go", "#!/bin/sh\necho went\n", "0755")],
  });
  await serve(lease, ["given\n", "#!/bin/sh\necho went\n", "of the pack"]);
  expect(await result(lease)).toMatchObject({ status: "succeeded" });
  expect(logged(lease)).toBe("given\nwent\ngo\nin\n");
  const again = offer({ argv: ["cat", "in/a.txt"], work_files: [fileOf("in/a.txt", "given\n")] });
  await result(again);
  expect(logged(again)).toBe("given\n");
});

test.each([
  [{ files: 1, file_bytes: 10, bytes: 20 }, "more than 1 files match *"],
  [{ files: 9, file_bytes: 3, bytes: 20 }, "a has 4 bytes; a file may have 3"],
  [{ files: 9, file_bytes: 10, bytes: 7 }, "with b the files have 8 bytes; at most are 7"],
])("files beyond the limits %j fail a job that went well", async (collect_limits, detail) => {
  const { offer, result } = jobs();
  const argv = ["sh", "-c", "printf 1234 >a; printf 5678 >b"];
  const lease = offer({ argv, collect: ["*"], collect_limits });
  const ended = await result(lease);
  expect(ended).toMatchObject({ status: "failed", error: "limit_exceeded", error_detail: detail });
  expect(ended.files).toEqual([]);
});
