import type { ServerResponse } from "node:http";
import type { Run, RunStatus } from "@yardmaster/protocol";
import { expect, test, vi } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { aRun, aStep, RUN_ID } from "../testing/wire-records.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";

// Real looks at a real server, 0.1 to 0.5 s apart: seconds together where all is ten times as slow.
vi.setConfig({ testTimeout: 30_000 });

const ENDS: Partial<Record<RunStatus, Partial<Run>>> = {
  success: { output: { ok: true } },
  failed: { error: { code: "step_failed", message: "no luck" } },
};

/** A run that stands still until `move` says how it goes on, and tells its watchers. */
async function startMovingRun() {
  let status: RunStatus = "running";
  let failures = 0;
  const streams = new Set<ServerResponse>();
  const logs = new Set<ServerResponse>();
  const open =
    (responses: Set<ServerResponse>, type: string, first: string) =>
    (_request: unknown, response: ServerResponse) => {
      response.writeHead(200, { "content-type": type }).write(first);
      responses.add(response);
      return undefined;
    };
  const line = {
    cursor: "c1",
    step: "a",
    attempt: 1,
    seq: 0,
    stream: "stdout",
    at: "",
    text: "hello from a\n",
  };
  const follow = open(logs, "application/x-ndjson", `${JSON.stringify(line)}\n`);
  const server = await startWireServer({
    "POST /v1/runs": { status: 202, json: aRun() },
    [`GET /v1/runs/${RUN_ID}`]: () =>
      failures-- > 0
        ? wireProblem(503, "unavailable", "restarting")
        : { json: aRun({ status, ...ENDS[status] }) },
    [`GET /v1/runs/${RUN_ID}/steps`]: () => ({ json: [aStep("a", { status }), aStep("b")] }),
    "GET /v1/stream": open(
      streams,
      "text/event-stream",
      'id: 1\nevent: ready\ndata: {"cursor":"1"}\n\n',
    ),
    [`GET /v1/runs/${RUN_ID}/logs`]: (request, response) =>
      status === "running" ? follow(request, response) : { json: [] },
  });
  const move = (next: RunStatus, failingLooks = 0) => {
    status = next;
    failures = failingLooks;
    for (const stream of streams)
      stream.write(`id: 2\nevent: run.finished\ndata: {"id":"${RUN_ID}"}\n\n`);
    for (const log of logs) log.end();
  };
  return { ...server, move };
}

/** Calls back once, when all of stdout so far holds `text`. */
function once(text: string, then: (interrupt: () => void) => void) {
  let seen = "";
  let isDone = false;
  return (written: string, interrupt: () => void) => {
    seen += written;
    if (isDone || !seen.includes(text)) return;
    isDone = true;
    then(interrupt);
  };
}

interface Surroundings {
  readonly terminal?: { readonly columns: number; readonly rows: number };
  readonly dumb?: string;
}

test.each<[string, Surroundings]>([
  ["there is no terminal", {}],
  ["the terminal cannot redraw", { terminal: { columns: 100, rows: 20 }, dumb: "dumb" }],
])(
  "appends a line for each change where %s, logs between them, tells the end and why, and exits as the run ended",
  async (_, { terminal, dumb }) => {
    const { env, move } = await startMovingRun();
    const call = await callYard(["run", "a.b", "--watch"], {
      env: { ...env, ...(dumb && { TERM: dumb }) },
      ...(terminal && { terminal }),
      onStdout: once("hello from a", () => move("failed")),
    });
    expect(call.exitCode).toBe(1);
    expect(call.stdout.split("\n")).toEqual([
      `run ${RUN_ID} examples.greet running`,
      "step a running",
      "a | hello from a",
      "step a failed, in 2.0s",
      `run ${RUN_ID} examples.greet failed`,
      `✗ examples.greet  ${RUN_ID}  failed in 2.0s`,
      "  step_failed: no luck",
      "",
    ]);
  },
);

test("draws the tree over itself on a terminal and leaves the ended one, with the output under it", async () => {
  const { env, move } = await startMovingRun();
  const terminal = { columns: 100, rows: 20 };
  const onStdout = once("hello from a", () => move("success"));
  const call = await callYard(["run", "a.b", "--watch"], {
    env: { ...env, NO_COLOR: "1" },
    terminal,
    onStdout,
  });
  expect(call.exitCode).toBe(0);
  const screen = replay(call.stdout);
  expect(screen).toEqual([
    `✓ examples.greet  ${RUN_ID}  success 2.0s`,
    "├ ✓ a  core.echo  2.0s",
    "└ ○ b  core.echo  queued",
    "{",
    '  "ok": true',
    "}",
    "",
  ]);
});

test("prints each change as a line of JSON", async () => {
  const { env, move } = await startMovingRun();
  const call = await callYard(["run", "a.b", "--watch", "--json"], {
    env,
    onStdout: once("hello from a", () => move("canceled")),
  });
  expect(call.exitCode).toBe(130);
  const values = call.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { run?: { status: string } });
  expect(values.map((value) => Object.keys(value)[0])).toEqual([
    "step",
    "run",
    "log",
    "step",
    "run",
  ]);
  expect(values.at(-1)?.run?.status).toBe("canceled");
});

test("goes on watching when the server cannot be asked for a while, and says so", async () => {
  const { env, move } = await startMovingRun();
  const onStdout = once("hello from a", () => move("success", 2));
  const call = await callYard(["run", "a.b", "--watch"], { env, onStdout });
  const stderr = "The server cannot be reached; waiting for it.\nThe server is back.\n";
  expect(call).toMatchObject({ exitCode: 0, stderr });
  expect(call.stdout).toContain('\n{\n  "ok": true\n}\n');
});

test("says below the tree while the server cannot be asked", async () => {
  const { env, move } = await startMovingRun();
  const terminal = { columns: 100, rows: 20 };
  // Away until that is drawn, however late: the tree is drawn by a clock, and not by what happens.
  const leave = once("hello from a", () => move("success", Number.POSITIVE_INFINITY));
  const back = once("waiting for it.", () => move("success"));
  const onStdout: typeof leave = (written, interrupt) => {
    leave(written, interrupt);
    back(written, interrupt);
  };
  const call = await callYard(["run", "a.b", "--watch"], {
    env: { ...env, NO_COLOR: "1" },
    terminal,
    onStdout,
  });
  expect(call).toMatchObject({ exitCode: 0, stderr: "" });
  expect(call.stdout).toContain("queued\u001b[K\nThe server cannot be reached; waiting for it.");
  expect(replay(call.stdout).join()).not.toContain("waiting for it");
});

test("leaves the run alone on Ctrl-C and says how to come back to it and how to stop it", async () => {
  const { env, requests } = await startMovingRun();
  const call = await callYard(["run", "a.b", "--watch"], {
    env,
    onStdout: once("hello from a", (interrupt) => interrupt()),
  });
  expect(call.exitCode).toBe(130);
  expect(call.stderr).toContain(`yard runs show ${RUN_ID} --watch`);
  expect(call.stderr).toContain(`yard cancel ${RUN_ID}`);
  expect(requests.some((request) => request.path.includes("cancel"))).toBe(false);
});

/** What a terminal shows after this output: cursor up, carriage return, clear to the line's end and below. */
function replay(output: string): string[] {
  const lines = [""];
  let row = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it reads what moves a cursor
  for (const [token] of output.matchAll(/\u001b\[\d*[AKJ]|\r|\n|[^\u001b\r\n]+/g)) {
    if (token === "\n") row++;
    else if (token === "\r") continue;
    else if (token.endsWith("A") && token.startsWith("\u001b")) row -= Number(token.slice(2, -1));
    else if (token === "\u001b[J") lines.splice(row);
    else if (token !== "\u001b[K") lines[row] = token;
    lines[row] ??= "";
  }
  return lines;
}
