import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { isThere, pidsIn, setUp } from "../testing/work.fixture.ts";

const text = (bytes: Buffer): string => bytes.toString("utf8");

test("folder, variables and functions last from one call to the next", async () => {
  const { run, allowed } = setUp();
  await run(`cd ${allowed}; export KEPT=yes; list=(a b); hello() { echo "hello $1"; }`);
  const { stdout, last } = await run("pwd; echo $KEPT; hello ${list[1]}");
  expect(text(stdout)).toBe(`${allowed}\nyes\nhello b\n`);
  expect(last.cwd).toBe(allowed);
});

test("sessions know nothing of each other", async () => {
  const { run } = setUp();
  await run("x=1; cd /", { session: "a" });
  const { stdout } = await run('echo "[$x]"', { session: "b" });
  expect(text(stdout)).toBe("[]\n");
});

test("variables of a call are there for it alone, whatever they hold", async () => {
  const { run } = setUp();
  const value = `it's "$HOME" \`x\`\n\\ ü`;
  await run("export STAYS=before");
  const during = await run('printf "%s|%s" "$WITH" "$(sh -c \'echo $STAYS\')"', {
    env: { WITH: value, STAYS: "during" },
  });
  expect(text(during.stdout)).toBe(`${value}|during`);
  const after = await run('echo "[$WITH] $STAYS"');
  expect(text(after.stdout)).toBe("[] before\n");
});

test("a name that no shell can assign to is refused, and nothing runs", async () => {
  const { run, allowed } = setUp();
  const { last } = await run(`touch ${allowed}/ran`, { env: { "a-b": "1" } });
  expect(last).toMatchObject({ status: "error", exit_code: -1, error: "bad_request" });
  expect(text((await run(`ls ${allowed}`)).stdout)).toBe("");
});

test("a folder given with a call is for that call", async () => {
  const { run, allowed } = setUp();
  const other = join(allowed, "it's other");
  mkdirSync(other);
  await run(`cd ${allowed}`);
  const during = await run("pwd", { cwd: other });
  expect(text(during.stdout)).toBe(`${other}\n`);
  expect(during.last.cwd).toBe(other);
  expect(text((await run("pwd")).stdout)).toBe(`${allowed}\n`);
});

test("a command that goes elsewhere from a given folder stays there", async () => {
  const { run, allowed } = setUp();
  mkdirSync(join(allowed, "a/b"), { recursive: true });
  await run("cd b", { cwd: join(allowed, "a") });
  expect(text((await run("pwd")).stdout)).toBe(`${allowed}/a/b\n`);
});

test("a folder that is not there, not allowed, a file or a way out is refused, and nothing runs", async () => {
  const { run, allowed, root } = setUp();
  writeFileSync(join(allowed, "file"), "");
  symlinkSync("/", join(allowed, "way-out"));
  mkdirSync(`${allowed}-beside`);
  for (const cwd of ["none", "file", "way-out", "..", "../allowed-beside"]) {
    const { last } = await run(`touch ${root}/ran`, { cwd: join(allowed, cwd) });
    expect(last, cwd).toMatchObject({ status: "error", exit_code: -1, error: "cwd_rejected" });
    expect(last.error_detail).toContain(realpathSync(root));
  }
  const relative = await run(`touch ${root}/ran`, { cwd: "allowed" });
  expect(relative.last).toMatchObject({ error: "cwd_rejected" });
  expect((await run(`ls ${root}/ran`)).last.exit_code).not.toBe(0);
});

test("a folder that is not there is told apart from one that is not allowed", async () => {
  const { run, allowed, root } = setUp();
  const detailOf = async (cwd: string) => (await run("true", { cwd })).last.error_detail;
  expect(await detailOf(join(allowed, "a/b"))).toContain(`there is no folder ${allowed}/a/b`);
  symlinkSync(root, join(allowed, "up"));
  for (const cwd of [join(root, "none"), join(allowed, "../none"), join(allowed, "up/none")])
    expect(await detailOf(cwd)).toContain("outside the paths");
});

test("a folder that goes away between the look and the shell is refused too", async () => {
  const { run, start, outcome, allowed } = setUp();
  const folder = join(allowed, "soon-gone");
  mkdirSync(folder);
  // The second call is checked when its turn comes; the folder goes while the shell has not yet read of it.
  const first = start("sleep 0.1");
  const second = start("echo ran", { cwd: folder });
  rmSync(folder, { recursive: true });
  await outcome(first);
  expect((await outcome(second)).last).toMatchObject({ error: "cwd_rejected", exit_code: -1 });
  expect(text((await run("echo on")).stdout)).toBe("on\n");
});

test("exit in a command reports its code, and the next command has a fresh shell", async () => {
  const { run } = setUp();
  await run("gone=1; cd /");
  const { last, stdout } = await run("echo before; exit 3; echo after");
  expect(text(stdout)).toBe("before\n");
  expect(last).toMatchObject({ status: "error", exit_code: 3, shell_restarted: true });
  const next = await run('echo "[$gone]"');
  expect(text(next.stdout)).toBe("[]\n");
  expect(next.last).toMatchObject({ exit_code: 0, shell_restarted: false });
});

test.each([
  ["exec", "exec sh -c 'echo replaced; exit 9'", 9, "replaced\n"],
  ["errexit", "set -e; echo a; false; echo b", 1, "a\n"],
  ["an unset variable", "set -u; echo a; echo $never_set; echo b", 1, "a\n"],
  ["a missing parameter", "echo a; : ${never_set:?gone}; echo b", 1, "a\n"],
  ["a trap on exit", "trap 'echo bye' EXIT; exit 4", 4, "bye\n"],
])("a shell that ends by %s is replaced", async (_, command, exitCode, printed) => {
  const { run } = setUp();
  const { last, stdout } = await run(command);
  expect(last).toMatchObject({ exit_code: exitCode, shell_restarted: true });
  expect(text(stdout)).toBe(printed);
  expect(text((await run("echo on")).stdout)).toBe("on\n");
});

test("a shell that is killed from inside says by what, and is replaced", async () => {
  const { run } = setUp();
  const { last } = await run("echo x; kill -9 $$");
  expect(last).toMatchObject({ exit_code: -1, signal: "SIGKILL", shell_restarted: true });
  expect(text((await run("echo on")).stdout)).toBe("on\n");
});

test("a shell that ended between two calls is told with the next", async () => {
  const { run, seen, allowed } = setUp();
  const first = await run(
    `echo $$; (while [ ! -e ${allowed}/go ]; do sleep 0.01; done; kill -9 $$) >/dev/null 2>&1 &`,
  );
  writeFileSync(join(allowed, "go"), "");
  const [pid = 0] = pidsIn(seen(first.id));
  await vi.waitFor(() => expect(isThere(pid)).toBe(false));
  const next = await run("echo on");
  expect(text(next.stdout)).toBe("on\n");
  expect(next.last.shell_restarted).toBe(true);
});

test.each([
  ["half a quotation", 'echo "oh', 2],
  ["an open block", "if true; then echo x", 2],
  ["return", "return 7; echo never", 7],
  ["break outside a loop", "break; continue; (exit 5)", 5],
  ["nothing but a comment", "# nothing", 0],
  ["a heredoc", "cat <<X\nEXIT 3\nX\n", 0],
  ["a NUL-free mess", "\t \r", 127],
])("the shell outlives %s", async (_, command, exitCode) => {
  const { run } = setUp();
  await run("kept=1");
  expect((await run(command)).last.exit_code).toBe(exitCode);
  expect(text((await run("echo $kept")).stdout)).toBe("1\n");
});

test.each([
  ["its output", "exec >/dev/null 2>&1; echo lost"],
  ["its descriptors", "exec 0<&- 1>&- 2>&-"],
  ["its option to read commands aloud", "set -v"],
  ["its option to print commands", "set -x"],
  ["its field separator", "IFS=0123456789/"],
  ["its file descriptors above", "exec 3>/dev/null 9>/dev/null 10>/dev/null 63>/dev/null"],
  ["printf", "printf() { echo FAKE; }; cd() { echo FAKE; }; trap() { echo FAKE; }"],
  ["its mode", "set -o posix; set -f; set -o noclobber"],
  ["a trap on every command", "trap ':' DEBUG"],
  ["the folder variable", "PWD=/nowhere"],
])("a command that changes %s does not break the session", async (_, command) => {
  const { run } = setUp();
  await run(command);
  const next = await run("echo on; (exit 4)", { env: { A: "1" } });
  expect(text(next.stdout)).toBe("on\n");
  expect(next.last).toMatchObject({ exit_code: 4, shell_restarted: false });
});

test("stdin is empty unless asked for: a reading command ends at once, and eats nothing", async () => {
  const { run } = setUp();
  const { stdout, last } = await run('cat; read line; echo "$? [$line]"; ssh() { cat; }; ssh');
  expect(text(stdout)).toBe("1 []\n");
  expect(last.exit_code).toBe(0);
  expect(text((await run("echo intact")).stdout)).toBe("intact\n");
});

test("no process gets hold of the words between node and shell", async () => {
  const { run } = setUp();
  const { stdout } = await run(
    'for fd in 0 1 2 3 4 5 6 7 8 9 10 11 12; do sh -c "[ -e /dev/fd/$fd ] && readlink /dev/fd/$fd"; done',
  );
  expect(text(stdout).trim().split("\n")).toHaveLength(3);
  expect(text(stdout)).not.toContain("socket");
});

test("each pipeline is a group of its own, so that a signal reaches all of it and not the shell", async () => {
  const { run } = setUp();
  const group = "ps -o pgid= -p";
  const { stdout } = await run(
    `${group} $$; sh -c '${group} $$'; sh -c '${group} $$'; sleep 9 & ${group} $!; kill $!`,
  );
  const groups = text(stdout).trim().split(/\s+/);
  expect(new Set(groups).size).toBe(4);
});

test("calls of one session take turns; other sessions run beside them", async () => {
  const { start, outcome, allowed } = setUp();
  const first = start(
    `while [ ! -e ${allowed}/go ]; do sleep 0.01; done; echo first >> ${allowed}/log`,
  );
  const second = start(`echo second >> ${allowed}/log; cat ${allowed}/log`);
  const beside = await outcome(start(`touch ${allowed}/go; echo beside`, { session: "b" }));
  expect(text(beside.stdout)).toBe("beside\n");
  expect(text((await outcome(second)).stdout)).toBe("first\nsecond\n");
  expect((await outcome(first)).last.status).toBe("ok");
});

test("no more calls run at once than there are slots", async () => {
  const { start, outcome, work, allowed } = setUp({ slots: 2 });
  const ids = ["a", "b", "c"].map((session) =>
    start(`echo ${session}; while [ ! -e ${allowed}/go ]; do sleep 0.01; done`, { session }),
  );
  await vi.waitFor(() => expect(work.load().calls).toBe(2));
  expect(work.calls().map(({ state }) => state)).toEqual(["running", "running", "queued"]);
  writeFileSync(join(allowed, "go"), "");
  const ended = await Promise.all(ids.map(outcome));
  expect(ended.map(({ stdout }) => text(stdout))).toEqual(["a\n", "b\n", "c\n"]);
});

test("only what is on the list is inherited, and nothing of the node's own", async () => {
  const environment = {
    PATH: "/usr/bin:/bin",
    LC_ALL: "C",
    SECRET_TOKEN: "hidden",
    YARD_TOKEN: "x",
  };
  const { run } = setUp({ environment });
  const { stdout } = await run("env | cut -d= -f1 | sort | tr '\\n' ' '");
  const names = text(stdout).trim().split(" ");
  expect(names).toContain("LC_ALL");
  expect(names.filter((name) => /SECRET|TOKEN/.test(name))).toEqual([]);
});

test("a command may be longer than an argument of a program", async () => {
  const { run } = setUp();
  const long = `: ${"x".repeat(200 * 1024)}; echo long`;
  expect(text((await run(long)).stdout)).toBe("long\n");
  expect(text((await run(long, { shell: "fresh" })).stdout)).toBe("long\n");
});

test("a cleaner of temporary files costs nothing but the files", async () => {
  const { run } = setUp();
  await run("kept=1");
  const { stderr } = await run("no-such-command");
  const folder = /(\/\S*\/yard-\w+)\//.exec(text(stderr))?.[1] ?? "";
  rmSync(folder, { recursive: true });
  const { stdout, last } = await run("echo $kept");
  expect(text(stdout)).toBe("1\n");
  expect(last.shell_restarted).toBe(false);
});

test("what the owner does not allow is not run", async () => {
  const { run, refused, allowed } = setUp();
  refused.set(`touch ${allowed}/ran`, "the owner refuses it");
  const { last } = await run(`touch ${allowed}/ran`);
  expect(last).toMatchObject({
    status: "error",
    exit_code: -1,
    error: "command_not_allowed",
    error_detail: "the owner refuses it",
  });
  expect(text((await run(`ls ${allowed}`)).stdout)).toBe("");
});

test("without the grant nothing is run", async () => {
  const { run } = setUp({ allow: { exec: false, read: true, write: true, jobs: true } });
  expect((await run("echo x")).last).toMatchObject({ exit_code: -1, error: "command_not_allowed" });
});

test("the audit has a begin and an end for each call, without the secrets of its command", async () => {
  const { run, audit } = setUp();
  const { id } = await run("PASSWORD=hunter2 true; (exit 2)", { actor: "token:ada" });
  const notes = audit.filter(({ request_id }) => request_id === id);
  expect(
    notes.map(({ action, phase, exit_code, actor }) => [action, phase, exit_code, actor]),
  ).toEqual([
    ["exec", "begin", undefined, "token:ada"],
    ["exec", "end", 2, "token:ada"],
  ]);
  expect(JSON.stringify(notes)).not.toContain("hunter2");
});
