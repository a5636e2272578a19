import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { callYard } from "./testing/call-yard.ts";
import { aDecision, anEvent, aRun, aStep, EVENT_ID, RUN_ID } from "./testing/wire-records.ts";
import { startWireServer, wireProblem } from "./testing/wire-server.ts";

const RUNS = "/v1/runs";

test("shows its help without an argument, with --help, and for a command by `help`", async () => {
  const bare = await callYard([]);
  expect(bare).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/explain +say why a run, a question or an event/),
  });
  expect(await callYard(["--help"])).toEqual(bare);
  const help = await callYard(["help", "run"]);
  expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("--idempotency-key") });
});

test.each([[["run", "a.b", "--watch"]], [["run", "a.b", "--wait", "3"]]])(
  "%j tells the id of the run that it started, where it may not look at it",
  async (argv) => {
    const forbidden = wireProblem(403, "forbidden", "The token ci lacks the scope runs:read");
    const { env } = await startWireServer({
      [`POST ${RUNS}`]: { status: 202, json: aRun({ status: "running" }) },
      [`GET ${RUNS}/${RUN_ID}`]: forbidden,
    });
    const call = await callYard(argv, { env });
    expect(call.exitCode).toBe(4);
    expect(call.stderr).toContain(`Run ${RUN_ID} was started`);
  },
);

test.each([
  [["start", "packs"], "too many arguments for 'start'. Expected 0 arguments but got 1."],
  [["runs", "show"], "missing required argument 'run'"],
])("%j is told to be wrong, and where it says what is right", async (argv, error) => {
  const { exitCode, stderr } = await callYard(argv);
  expect(exitCode).toBe(2);
  expect(stderr).toBe(`error: ${error}\n(With --help it says what it takes.)\n`);
});

test("names the status that was meant, and all that there are", async () => {
  const { exitCode, stderr } = await callYard(["runs", "--status", "faild"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("Allowed choices are queued, running,");
  expect(stderr).toContain("(Did you mean failed?)");
});

test("refuses a second list of folders, which would leave the first out without a word", async () => {
  const call = await callYard(["start", "--packs", "ours", "--packs", "examples"]);
  expect(call).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("It is given twice"),
  });
});

test("tells its version, that of its package", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(await callYard(["--version"])).toMatchObject({
    exitCode: 0,
    stdout: `yard ${version}\n`,
    stderr: "",
  });
});

test.each([
  ["runs", RUN_ID],
  ["rules", "shop.on-sale"],
  ["events", EVENT_ID],
])("yard %s %s says how one is shown", async (command, name) => {
  const call = await callYard([command, name]);
  expect(call).toMatchObject({ exitCode: 2, stdout: "" });
  expect(call.stderr).toContain(`To show one: yard ${command} show ${name}`);
});

test("exits with 2 for a command or an option that there is not, and names the nearest", async () => {
  const command = await callYard(["rnu"]);
  expect(command).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("Did you mean run?"),
  });
  const nested = await callYard(["events", "sned"]);
  expect(nested).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("Did you mean send?"),
  });
  const option = await callYard(["logs", "x", "--folow"]);
  expect(option).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("Did you mean --follow?"),
  });
});

test.each([
  [["help", "rnu"], "unknown command 'rnu'", "Did you mean run?"],
  [["rnu", "--help"], "unknown command 'rnu'", "Did you mean run?"],
  [["help", "events", "sned"], "unknown command 'sned' of events", "Did you mean send?"],
  [["events", "help", "sned"], "unknown command 'sned' of events", "Did you mean send?"],
  [["node", "explain", "lab"], "unknown command 'explain' of node", "Did you mean yard explain?"],
  [["runs", "cancel", "x"], "unknown command 'cancel' of runs", "Did you mean yard cancel?"],
  [["pack", "chekc"], "unknown command 'chekc' of pack", "Did you mean check?"],
  [["banana"], "unknown command 'banana'", "yard --help lists the commands"],
])(
  "yard %j exits with 2, says that there is no such command, and shows no help",
  async (argv, error, hint) => {
    expect(await callYard(argv)).toEqual({
      exitCode: 2,
      bytes: Buffer.from(""),
      stdout: "",
      stderr: `error: ${error}\n(${hint})\n`,
    });
  },
);

test("explains a command of a command by `help`", async () => {
  const asked = await callYard(["help", "events", "send"]);
  expect(asked).toEqual(await callYard(["events", "send", "--help"]));
  expect(asked).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("--type") });
});

test("says which token the server does not take, and where it gets another", async () => {
  const { env } = await startWireServer({
    [`GET ${RUNS}`]: wireProblem(401, "unauthorized", "No."),
  });
  const folder = await mkdtemp(join(tmpdir(), "yard-refused-"));
  const ofVariable = await callYard(["runs"], { env, cwd: folder });
  expect(ofVariable).toMatchObject({ exitCode: 4, stdout: "" });
  expect(ofVariable.stderr).toContain("does not take the token in YARD_TOKEN");
  expect(ofVariable.stderr).toContain("yard tokens create");
  const none = await callYard(["runs"], { env: { ...env, YARD_TOKEN: "" }, cwd: folder });
  expect(none.stderr).toContain(`${env["YARD_URL"]} wants a token, and this shell gives none`);

  const file = join(folder, ".yard/admin-token");
  await mkdir(dirname(file));
  await writeFile(file, "old");
  await writeFile(join(folder, ".yard/server.json"), JSON.stringify({ url: env["YARD_URL"] }));
  const beside = await callYard(["runs"], { env, cwd: folder });
  expect(beside.stderr).toContain(`unset it: then yard takes the token in ${file}.`);
  const ofFile = await callYard(["runs"], { cwd: folder });
  expect(ofFile.stderr).toContain(`does not take the token in ${file}: it was revoked`);
  // To say that the first token is in that file would send its reader round in a circle.
  expect(ofFile.stderr).toContain("or start it once with YARD_ADMIN_TOKEN");
});

test("exits with 6 and says what to do when no server is there", async () => {
  const call = await callYard(["runs"], {
    env: { YARD_URL: "http://127.0.0.1:9", YARD_TOKEN: "t" },
  });
  expect(call.exitCode).toBe(6);
  expect(call.stderr).toMatch(/^yard: Cannot reach a Yardmaster server at http:\/\/127.0.0.1:9: /);
});

test.each([
  ["not_found", 404, 3],
  ["forbidden", 403, 4],
  ["already_final", 409, 5],
  ["unavailable", 503, 6],
  ["invalid_request", 400, 2],
  ["internal", 500, 1],
])("exits with the registry's code for %s", async (code, status, exitCode) => {
  const { env } = await startWireServer({
    [`POST ${RUNS}/${RUN_ID}/cancel`]: wireProblem(status, code, "No."),
  });
  const call = await callYard(["cancel", RUN_ID], { env });
  expect(call).toMatchObject({
    exitCode,
    stdout: "",
    stderr: expect.stringContaining("yard: No."),
  });
});

test("lists each wrong field with its hint, and as JSON on request", async () => {
  const errors = [
    {
      path: "/input/nam",
      message: "is not known",
      expected: "name",
      got: "nam",
      hint: "did you mean name?",
    },
  ];
  const { env } = await startWireServer({
    [`POST ${RUNS}`]: wireProblem(422, "invalid_input", "Wrong input", errors),
  });
  const call = await callYard(["run", "a.b", "nam=x"], { env });
  expect(call).toMatchObject({ exitCode: 2, stdout: "" });
  expect(call.stderr).toBe(
    "yard: Wrong input\n  /input/nam: is not known (expected name, got nam)\n    did you mean name?\n",
  );
  const json = await callYard(["run", "a.b", "nam=x", "--json"], { env });
  expect(JSON.parse(json.stderr)).toEqual({
    error: { code: "invalid_input", message: "Wrong input", errors, exit: 2 },
  });
});

test("says how a word is written that JSON reads as a number where text was wanted, or as text where a list was", async () => {
  const field = (path: string, expected: string, got: string) => ({
    path,
    message: `expected ${expected}, got ${got}`,
    expected,
    got,
  });
  const errors = [
    field("/input/q", "a string", "a number"),
    field("/input/n", "an integer", "a string"),
    field("/input/tags", "a list", "a string"),
    field("/input/of", "an object", "a string"),
  ];
  const { env } = await startWireServer({
    [`POST ${RUNS}`]: wireProblem(422, "invalid_input", "the input does not fit a.b", errors),
  });
  const call = await callYard(["run", "a.b", "q=503", "n=x", "tags=[a,b]", "of={a:1}"], { env });
  expect(call.exitCode).toBe(2);
  expect(call.stderr).toContain(
    [
      "/input/q: expected a string, got a number",
      `    as text: q='"503"'`,
      "  /input/n: expected an integer, got a string",
      "  /input/tags: expected a list, got a string",
      `    a list is JSON, in quotes for the shell: tags='["a","b"]'`,
      "  /input/of: expected an object, got a string",
      `    an object is JSON, in quotes for the shell: of='{"a":1}'`,
    ].join("\n"),
  );
  const broken = await callYard(["run", "a.b", 'tags=["a",]'], { env });
  expect(broken.stderr).toMatch(
    /tags='\["a","b"\]'; what is given is none: line 1, column 6: "\]" where a value/,
  );
});

test("starts a run with input from words, and prints its id", async () => {
  const { env, requests } = await startWireServer({
    [`POST ${RUNS}`]: { status: 202, json: aRun() },
  });
  const call = await callYard(
    ["run", "examples.greet", "n=3", "who=Ada", "--idempotency-key", "k"],
    { env },
  );
  expect(call).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(new RegExp(`^${RUN_ID}\n`)),
  });
  expect(requests[0]).toMatchObject({
    body: { ref: "examples.greet", input: { n: 3, who: "Ada" } },
    headers: { authorization: "Bearer t0ken", "idempotency-key": "k" },
  });
});

test("gives every run a key of its own, so that a repeated request starts no second one", async () => {
  const { env, requests } = await startWireServer({
    [`POST ${RUNS}`]: { status: 202, json: aRun() },
  });
  await callYard(["run", "a.b"], { env });
  await callYard(["run", "a.b"], { env });
  const keys = requests.map((request) => request.headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(2);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
});

test("refuses an input given twice, and a wait together with a watch", async () => {
  expect(await callYard(["run", "a.b", "n=3", "--input", "{}"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("not both"),
  });
  expect(await callYard(["run", "a.b", "--watch", "--wait", "3"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--wait"),
  });
  expect(await callYard(["run", "a.b", "--wait", "soon"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("a time like 30"),
  });
});

test.each([
  ["success", 0],
  ["failed", 1],
  ["timed_out", 124],
  ["canceled", 130],
] as const)("exits after --wait with what a run that is %s says", async (status, exitCode) => {
  const { env, requests } = await startWireServer({
    [`POST ${RUNS}`]: { json: aRun({ status, output: { ok: 1 } }) },
  });
  const call = await callYard(["run", "a.b", "--wait", "30"], { env });
  expect(call).toMatchObject({
    exitCode,
    stdout: expect.stringContaining(status.replace("_", " ")),
  });
  expect(requests[0]?.headers["prefer"]).toBe("wait=30");
});

test("goes on waiting by the stream where the server answers before the end, and exits with 124 when the time is up", async () => {
  let looks = 0;
  let ends = true;
  const routes = {
    [`POST ${RUNS}`]: { status: 202, json: aRun() },
    [`GET ${RUNS}/${RUN_ID}`]: () => ({
      json: aRun({ status: looks++ === 0 || !ends ? "running" : "success" }),
    }),
  };
  const stream = (_request: unknown, response: import("node:http").ServerResponse) => {
    response
      .writeHead(200, { "content-type": "text/event-stream" })
      .write('id: 1\nevent: run.finished\ndata: {"id":"x"}\n\n');
    return undefined;
  };
  const ending = await startWireServer({ ...routes, "GET /v1/stream": stream });
  expect(await callYard(["run", "a.b", "--wait", "30"], { env: ending.env })).toMatchObject({
    exitCode: 0,
  });
  ends = false;
  const endless = await startWireServer({ ...routes, "GET /v1/stream": stream });
  const call = await callYard(["run", "a.b", "--wait", "0.05"], { env: endless.env });
  expect(call).toMatchObject({ exitCode: 124, stdout: expect.stringContaining("running") });
});

test("prints lists as an aligned table, and as JSON lines without a heading", async () => {
  const failed = aRun({
    id: RUN_ID.replace(/1$/, "2"),
    status: "timed_out",
    error: { code: "timed_out", message: "too\nslow" },
  });
  const { env, requests } = await startWireServer({ [`GET ${RUNS}`]: { json: [aRun(), failed] } });
  const call = await callYard(["runs", "--status", "failed", "--limit", "2"], { env });
  expect(call.stdout.split("\n")).toEqual([
    "RUN                                   STATUS     REF             STARTED  TOOK  BY           WHY",
    `${RUN_ID}  running    examples.greet  3 s ago  3.0s  token:admin`,
    `${failed.id}  timed out  examples.greet  3 s ago  2.0s  token:admin  too slow`,
    "",
  ]);
  expect(requests[0]?.path).toBe("/v1/runs?status=failed&payloads=false&limit=2");
  const json = await callYard(["runs", "--json"], { env });
  expect(
    json.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([aRun(), failed]);
});

test("says so when a list is empty, and nothing in JSON", async () => {
  const { env } = await startWireServer({ [`GET ${RUNS}`]: { json: [] } });
  expect(await callYard(["runs"], { env })).toMatchObject({ exitCode: 0, stdout: "No runs.\n" });
  expect(await callYard(["runs", "--json"], { env })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("lists runs that are no steps of others, and not of one run as well", async () => {
  const { env, requests } = await startWireServer({ [`GET ${RUNS}`]: { json: [aRun()] } });
  await callYard(["runs", "--roots"], { env });
  expect(requests[0]?.path).toBe("/v1/runs?roots=true&payloads=false&limit=50");
  expect(await callYard(["runs", "--roots", "--parent", RUN_ID], { env })).toMatchObject({
    exitCode: 2,
  });
});

test("colours on a terminal, but not against NO_COLOR", async () => {
  const { env } = await startWireServer({ [`GET ${RUNS}`]: { json: [aRun()] } });
  const terminal = { columns: 200, rows: 40 };
  expect((await callYard(["runs"], { env, terminal })).stdout).toContain("\u001b[");
  expect(
    (await callYard(["runs"], { env: { ...env, NO_COLOR: "1" }, terminal })).stdout,
  ).not.toContain("\u001b[");
  expect((await callYard(["runs"], { env })).stdout).not.toContain("\u001b[");
});

test("COLUMNS goes before the width of the terminal, and cuts nothing where there is none", async () => {
  const { env } = await startWireServer({ [`GET ${RUNS}`]: { json: [aRun()] } });
  const call = async (more: object) =>
    (await callYard(["runs"], { env: { ...env, NO_COLOR: "1", COLUMNS: "40" }, ...more })).stdout;
  expect(await call({ terminal: { columns: 200, rows: 40 } })).toBe(
    "RUN       STATUS   REF\n00000001  running  examples.greet\n",
  );
  expect(await call({})).toContain(RUN_ID);
});

test("cuts nothing on a terminal that does not know its size", async () => {
  const { env } = await startWireServer({ [`GET ${RUNS}`]: { json: [aRun()] } });
  const terminal = { columns: 0, rows: 0 };
  expect((await callYard(["runs"], { env, terminal })).stdout).toContain(aRun().id);
  expect((await callYard(["runs", "--help"], { env, terminal })).stdout).toContain("list runs, or");
});

test("puts pieces of logs together to whole lines, steps that write at once kept apart", async () => {
  const piece = (step: string, text: string, attempt = 1) => ({
    step,
    attempt,
    seq: 0,
    stream: "stdout",
    at: "",
    text,
    cursor: "c",
  });
  const json = [
    piece("a", "one\ntw"),
    piece("b#0", "other\n"),
    piece("a", "o\n"),
    piece("a", "again\nopen", 2),
  ];
  const { env } = await startWireServer({ [`GET ${RUNS}/${RUN_ID}/logs`]: { json } });
  const call = await callYard(["logs", RUN_ID], { env });
  expect(call.stdout).toBe("a | one\nb#0 | other\na | two\na (2) | again\na (2) | open\n");
  expect((await callYard(["logs", RUN_ID, "--step", "a"], { env })).stdout).toMatch(/^one\n/);
});

test("reads the last lines of a log, and says where these are too large to be read from its end", async () => {
  const piece = { step: "a", attempt: 1, seq: 9, stream: "stdout", at: "", cursor: "c" };
  const json = [{ ...piece, text: "last\n", older: "too_large" }];
  const { env, requests } = await startWireServer({
    [`GET ${RUNS}/${RUN_ID}/logs`]: { json },
    [`GET ${RUNS}`]: { json: [] },
  });
  const { stdout, stderr } = await callYard(["logs", RUN_ID, "--tail", "7"], { env });
  expect(requests[0]?.path).toContain("tail=7");
  expect(stdout).toBe("a | last\n");
  expect(stderr).toContain("the oldest of them are left out");
  expect(await callYard(["logs", RUN_ID, "--tail", "0"], { env })).toMatchObject({ exitCode: 2 });
});

test("says of many such runs where the logs of those are that failed", async () => {
  const ids = Array.from({ length: 12 }, (_, i) => `c${i}`);
  const { env } = await startWireServer({
    [`GET ${RUNS}/${RUN_ID}/logs`]: { json: [] },
    [`GET ${RUNS}`]: ({ path }) => ({
      json: path.includes("status=failed")
        ? [aRun({ id: "bad", ref: "examples.inner", status: "failed" })]
        : ids.map((id) => aRun({ id, ref: "examples.inner", status: "success" })),
    }),
  });
  expect((await callYard(["logs", RUN_ID], { env })).stderr).toBe(
    `It started many runs: yard runs --parent ${RUN_ID}\nexamples.inner (failed) is a run of its own: yard logs bad\n`,
  );
});

test("says behind the logs of a run where those of the runs are that its steps were", async () => {
  const child = aRun({ id: "r2", ref: "examples.inner", parent_id: RUN_ID });
  const { env, requests } = await startWireServer({
    [`GET ${RUNS}/${RUN_ID}/logs`]: { json: [] },
    [`GET ${RUNS}/${RUN_ID}/steps`]: { json: [aStep("a")] },
    [`GET ${RUNS}`]: { json: [child] },
  });
  const { stdout, stderr } = await callYard(["logs", RUN_ID], { env });
  expect(stdout).toBe("");
  expect(stderr).toContain(`examples.inner is a run of its own: yard logs r2`);
  expect(requests.at(-1)?.path).toContain(`parent=${RUN_ID}`);
  expect((await callYard(["logs", RUN_ID, "--step", "a"], { env })).stderr).toBe("");
});

test("explains a run by its chain, and an event by how each rule judged it", async () => {
  const explanation = {
    id: RUN_ID,
    status: "waiting",
    summary: "It waits for a timer",
    chain: ["step a: due in 3 s"],
    unblock: ["time"],
  };
  const unmet = aDecision({
    rule: "examples.on-close",
    status: "not_matched",
    clause: 'action == "closed"',
    run_id: null,
  });
  const reason = "cannot compare a string > an int";
  const clause = "event.data.n > 1";
  const broken = aDecision({ ...unmet, rule: "examples.more", status: "error", clause, reason });
  const { env } = await startWireServer({
    [`GET ${RUNS}/${RUN_ID}/explain`]: { json: explanation },
    [`GET /v1/events/${EVENT_ID}`]: { json: anEvent() },
    [`GET /v1/events/${EVENT_ID}/explain`]: {
      json: { ...explanation, id: EVENT_ID, unblock: ["Correct rule x"] },
    },
    "GET /v1/decisions": { json: [aDecision(), unmet, broken] },
    [`GET ${RUNS}`]: { json: [aRun({ status: "failed" })] },
  });
  expect((await callYard(["explain", RUN_ID], { env })).stdout).toBe(
    "◌ It waits for a timer\n  step a: due in 3 s\nWhat would move it:\n  time\n",
  );
  const event = await callYard(["explain", EVENT_ID], { env });
  expect(event.stdout).toContain(
    "gitea.issue_assign about issue 7, from gitea, received 3 s ago\n3 rules judged it:\n",
  );
  // How the run ended that it started.
  expect(event.stdout).toContain(` ${RUN_ID} failed`);
  expect(event.stdout).toMatch(
    /examples.on-close +not matched +3 s ago +not so: action == "closed"\n/,
  );
  expect(event.stdout).toContain(` cannot be judged: event.data.n > 1; ${reason}\n`);
  expect(event.stdout).toMatch(/What would move it:\n {2}Correct rule x\n$/);
  expect(await callYard(["explain", EVENT_ID.replace(/1$/, "9")], { env })).toMatchObject({
    exitCode: 3,
  });
  expect(await callYard(["explain", "what"], { env })).toMatchObject({ exitCode: 3 });
});

test("explains an event to a token that may read events alone, and says what it lacks to look for more", async () => {
  const detail = "The token ci lacks the scope runs:read";
  const forbidden = wireProblem(403, "forbidden", detail);
  const { env } = await startWireServer({
    [`GET ${RUNS}`]: forbidden,
    [`GET ${RUNS}/${RUN_ID}/explain`]: forbidden,
    [`GET ${RUNS}/${EVENT_ID}/explain`]: forbidden,
    "GET /v1/events": { json: [anEvent()] },
    [`GET /v1/events/${EVENT_ID}`]: { json: anEvent() },
    [`GET /v1/events/${EVENT_ID}/explain`]: { json: { chain: ["It came"], unblock: [] } },
    "GET /v1/decisions": { json: [aDecision()] },
  });
  for (const id of [EVENT_ID, EVENT_ID.slice(0, 8)])
    expect(await callYard(["explain", id], { env })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("One rule judged it:\n"),
    });
  expect(await callYard(["explain", RUN_ID], { env })).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining(detail),
  });
});

test("sends an event and shows how it was judged; shows one without what would move the terminal", async () => {
  const accepted = {
    id: EVENT_ID,
    type: "shop.order",
    duplicate_of: null,
    decisions: [aDecision()],
  };
  const { env, requests } = await startWireServer({
    "POST /v1/events": { json: accepted },
    [`GET /v1/events/${EVENT_ID}`]: { json: anEvent() },
  });
  const call = await callYard(["events", "send", "--type", "shop.order", "--data", "@-"], {
    env,
    stdin: '{"n":1}',
  });
  expect(call).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/examples.on-assign +matched/),
  });
  expect(requests[0]?.body).toEqual({ specversion: "1.0", type: "shop.order", data: { n: 1 } });
  const shown = await callYard(["events", "show", EVENT_ID], { env });
  expect(shown.stdout).toContain("Hello");
  expect(shown.stdout).not.toContain("\u001b");
});

test("verifies runs in flight and exits with 1 when one would be decided otherwise", async () => {
  const same = { id: RUN_ID, advances: 4, same: true };
  const other = {
    id: "r2",
    advances: 2,
    same: false,
    difference: { version: 2, recorded: "start a", now: "start b" },
  };
  const { env } = await startWireServer({
    [`GET ${RUNS}`]: ({ path }) => ({
      json: path.includes("status=running")
        ? [aRun({ id: RUN_ID })]
        : path.includes("waiting")
          ? [aRun({ id: "r2" })]
          : [],
    }),
    [`GET ${RUNS}/${RUN_ID}/verify`]: { json: same },
    [`GET ${RUNS}/r2/verify`]: { json: other },
  });
  expect(await callYard(["verify", RUN_ID], { env })).toMatchObject({
    exitCode: 0,
    stdout: `✓ ${RUN_ID}  the same decisions in all 4 advances\n`,
  });
  const all = await callYard(["verify", "--in-flight"], { env });
  expect(all).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(
      /decided otherwise at advance 2\n {2}recorded: start a\n[\s\S]*\n2 runs in flight, 1 of them different\.\n$/,
    ),
  });
  expect(await callYard(["verify"], { env })).toMatchObject({ exitCode: 2 });
});

test("creates a source with a secret that no argument shows: from the environment, stdin, or made here", async () => {
  const source = {
    id: "s1",
    name: "g",
    kind: "gitea",
    status: "active",
    reason: null,
    webhook_path: "/webhook/g",
    has_secret: true,
    origin: "api",
    created_at: null,
  };
  const { env, requests } = await startWireServer({
    "POST /v1/sources": { status: 201, json: source },
  });
  await callYard(["sources", "create", "g", "--kind", "gitea", "--secret-env", "S"], {
    env: { ...env, S: "s3" },
  });
  await callYard(["sources", "create", "g", "--kind", "gitea", "--secret-file", "-"], {
    env,
    stdin: "s4\n",
  });
  const made = await callYard(["sources", "create", "g", "--kind", "gitea", "--generate-secret"], {
    env,
  });
  await callYard(["sources", "create", "g", "--kind", "generic", "--generate-secret"], { env });
  const bodies = requests.map((request) => request.body as { secret: string });
  expect(bodies.map((body) => body.secret)).toEqual([
    "s3",
    "s4",
    expect.stringMatching(/^[0-9a-f]{64}$/),
    expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
  ]);
  expect(made.stdout).toContain(bodies[2]?.secret);
});

test("refuses a second value of an option that takes one, as JSON where that is asked for", async () => {
  const call = await callYard(["runs", "--status", "failed", "--status", "timed_out"]);
  expect(call).toMatchObject({
    exitCode: 2,
    stderr: "error: option '--status <status>' is given twice, and takes one value\n",
  });
  const forJson = await callYard(["runs", "--limit", "0", "--json"]);
  expect(forJson.exitCode).toBe(2);
  expect(JSON.parse(forJson.stderr)).toEqual({
    error: {
      code: "invalid_request",
      message: expect.stringContaining("'--limit <n>' argument '0' is invalid"),
      errors: [],
      exit: 2,
    },
  });
});

test("shows a source, gives it a new secret, and deletes it", async () => {
  const source = {
    ...{ id: "s1", name: "g", kind: "gitea", status: "unready", reason: "it has no secret" },
    ...{ webhook_path: "/webhook/g", has_secret: false, origin: "api", created_at: null },
  };
  const { env, requests } = await startWireServer({
    "GET /v1/sources/g": { json: source },
    "POST /v1/sources/g/rotate": { json: { ...source, status: "active", reason: null } },
    "DELETE /v1/sources/g": { json: {} },
  });
  expect((await callYard(["sources", "show", "g"], { env })).stdout).toBe(
    "Source g is unready: it has no secret\nkind     gitea, from api\nwebhook  /webhook/g\n",
  );
  const refused = { count: 3, last_at: "2026-07-01T00:00:00Z", last_reason: "no signature" };
  const more = { previous_secret_until: "2026-07-02T00:00:00Z", refused };
  const busy = await startWireServer({ "GET /v1/sources/g": { json: { ...source, ...more } } });
  expect((await callYard(["sources", "show", "g"], { env: busy.env })).stdout).toMatch(
    /\nrotated {2}the secret before .* until 2026-07-02T00:00:00Z\nrefused {2}3, the last .*: no signature\n$/,
  );
  const rotate = ["sources", "rotate", "g", "--secret-file", "-", "--previous-for", "1h"];
  expect((await callYard(rotate, { env, stdin: "s5\n" })).stdout).toContain("Source g is active\n");
  expect(requests[1]?.body).toEqual({ secret: "s5", previous_valid_for: "1h" });
  expect(await callYard(["sources", "rotate", "g"], { env })).toMatchObject({ exitCode: 2 });
  expect((await callYard(["sources", "delete", "g"], { env })).stdout).toBe("Deleted g.\n");
});

test.each(["boom", 'step "each": boom'])(
  "shows the error of a run once where it is that of its step: %s",
  async (message) => {
    const error = { code: "action_failed" as const, message: "boom" };
    const { env } = await startWireServer({
      [`GET ${RUNS}/${RUN_ID}`]: { json: aRun({ status: "failed", error: { ...error, message } }) },
      [`GET ${RUNS}/${RUN_ID}/steps`]: { json: [aStep("each", { status: "failed", error })] },
    });
    const { stdout } = await callYard(["runs", "show", RUN_ID], { env });
    expect(stdout.match(/action_failed: .*boom/g)).toEqual(["action_failed: boom"]);
  },
);

test("shows a run with its steps, as a tree and as JSON", async () => {
  const run = aRun({ status: "success", output: { greeted: 2 } });
  const steps = [aStep("each", { status: "success" })];
  const { env } = await startWireServer({
    [`GET ${RUNS}/${RUN_ID}`]: { json: run },
    [`GET ${RUNS}/${RUN_ID}/steps`]: { json: steps },
  });
  expect((await callYard(["runs", "show", RUN_ID], { env })).stdout).toBe(
    `✓ examples.greet  ${RUN_ID}  success 2.0s\n└ ✓ each  core.echo  2.0s\n{\n  "greeted": 2\n}\n`,
  );
  expect(JSON.parse((await callYard(["runs", "show", RUN_ID, "--json"], { env })).stdout)).toEqual({
    ...run,
    steps,
  });
});

test("in the program of a step it asks as a part of the trace of that run", async () => {
  const { env, requests } = await startWireServer({ "GET /v1/runs": { json: [] } });
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const tracestate = `yard=${RUN_ID}`;
  await callYard(["runs"], { env: { ...env, TRACEPARENT: traceparent, TRACESTATE: tracestate } });
  await callYard(["runs"], { env });
  expect(requests[0]?.headers).toMatchObject({ traceparent, tracestate });
  expect(requests[1]?.headers["traceparent"]).toBeUndefined();
});
