import type { Sensor, SensorLogLine } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { RUN_ID } from "../testing/wire-records.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";

const CLIMATE: Sensor = {
  ref: "greenhouse.climate",
  pack: "greenhouse",
  declared: true,
  description: "Reads the thermometer.",
  status: "running",
  reason: "greenhouse.on-overheated listens to what it sends",
  paused_by: null,
  events: ["greenhouse.overheated", "greenhouse.heartbeat"],
  worker: RUN_ID,
  pid: 4711,
  started_at: "2026-01-01T00:57:00.000Z",
  failures: 0,
  last_exit: null,
  next_start_at: null,
  stored: 12,
  refused: 0,
  last_event_at: "2026-01-01T00:59:50.000Z",
  cursor: { line: 12 },
};
const FAILING: Sensor = {
  ...CLIMATE,
  ref: "greenhouse.door",
  status: "backoff",
  reason: "it ended with code 1, for the third time in a row",
  worker: null,
  pid: null,
  started_at: null,
  failures: 3,
  last_exit: {
    code: 1,
    signal: null,
    at: "2026-01-01T00:59:55.000Z",
    stderr: "opening\nno such port\u001b[2J: /dev/tty9\n",
  },
  next_start_at: "2026-01-01T01:00:15.000Z",
  stored: 0,
  refused: 1,
  last_event_at: null,
  cursor: null,
};

test("lists sensors, whether they run and what they sent", async () => {
  const { env } = await startWireServer({ "GET /v1/sensors": { json: [CLIMATE, FAILING] } });
  const { stdout } = await callYard(["sensors"], { env });
  expect(stdout).toMatch(/^SENSOR +STATUS +STORED +REFUSED +FAILURES +LAST EVENT +WHY\n/);
  expect(stdout).toMatch(/greenhouse\.climate +running +12 +10 s ago +greenhouse\.on-overheated/);
  expect(stdout).toMatch(/greenhouse\.door +backoff +0 +1 +3 +it ended with code 1/);
  const json = await callYard(["sensors", "--json"], { env });
  expect(json.stdout).toBe(`${JSON.stringify(CLIMATE)}\n${JSON.stringify(FAILING)}\n`);
});

test("where there is none, says how one comes about", async () => {
  const { env } = await startWireServer({ "GET /v1/sensors": { json: [] } });
  const { stdout } = await callYard(["sensors"], { env });
  expect(stdout).toBe("No sensors. A pack defines them in sensors/*.yaml.\n");
});

test.each([[["greenhouse.door"]], [["show", "greenhouse.door"]]])(
  "%j shows how a sensor ended, what it wrote then and when it is started again",
  async (words) => {
    const { env } = await startWireServer({ "GET /v1/sensors/greenhouse.door": { json: FAILING } });
    const { stdout } = await callYard(["sensors", ...words], { env });
    expect(stdout).toMatch(/^greenhouse\.door {2}backoff {2}Reads the thermometer\.\n/);
    expect(stdout).toContain("  it ended with code 1, for the third time in a row\n");
    expect(stdout).toMatch(/ {2}refused +1 line: its log says why\n/);
    expect(stdout).toMatch(/ {2}failures +3 in a row\n {2}last exit +code 1, 5 s ago\n/);
    expect(stdout).toMatch(/ {2}next start +in 15 s\n/);
    expect(stdout).toContain(
      "  what it wrote last:\n    opening\n    no such port[2J: /dev/tty9\n",
    );
    expect(stdout).not.toMatch(/cursor|process|worker/);
  },
);

test("shows the process of a sensor that runs, and where it is, with no more of its cursor than a line", async () => {
  const { env } = await startWireServer({
    "GET /v1/sensors/greenhouse.climate": { json: CLIMATE },
    "GET /v1/sensors/greenhouse.long": { json: { ...CLIMATE, cursor: "x".repeat(5_000) } },
  });
  const { stdout } = await callYard(["sensors", "greenhouse.climate"], { env });
  expect(stdout).toMatch(/sends +greenhouse\.overheated, greenhouse\.heartbeat\n/);
  expect(stdout).toContain(
    `  process    4711, started 3 min ago\n  worker     ${RUN_ID}\n  stored     12 events`,
  );
  expect(stdout).toMatch(/stored +12 events, the last 10 s ago\n {2}cursor +\{"line":12\}\n/);
  const long = await callYard(["sensors", "show", "greenhouse.long"], { env });
  expect(long.stdout).toContain("x… (5002 characters, all with --json)\n");
});

test("pauses, resumes, restarts, resets and forgets a sensor, and says so", async () => {
  const { env } = await startWireServer({
    "POST /v1/sensors/greenhouse.climate/pause": { json: { ...CLIMATE, paused_by: "token:ada" } },
    "POST /v1/sensors/greenhouse.climate/resume": { json: CLIMATE },
    "POST /v1/sensors/greenhouse.climate/restart": { json: CLIMATE },
    "POST /v1/sensors/greenhouse.climate/reset": { json: { ...CLIMATE, cursor: null } },
    "DELETE /v1/sensors/greenhouse.climate": { json: {} },
  });
  const said = async (word: string) =>
    (await callYard(["sensors", word, "greenhouse.climate"], { env })).stdout;
  expect(await said("pause")).toBe("greenhouse.climate  paused by token:ada\n");
  expect(await said("resume")).toBe("greenhouse.climate  goes on\n");
  expect(await said("restart")).toBe("greenhouse.climate  is started anew\n");
  expect(await said("reset")).toBe(
    "greenhouse.climate  has no cursor any more, and begins from the start\n",
  );
  expect(await said("forget")).toBe("Forgot greenhouse.climate.\n");
});

const line = (seq: number, more: Partial<SensorLogLine>): SensorLogLine => ({
  seq,
  at: `2026-01-01T00:59:0${seq}.000Z`,
  stream: "stderr",
  text: "",
  ...more,
});

test("prints the log of a sensor with its times, and what Yardmaster says of it apart", async () => {
  const lines = [
    line(1, { text: "reading \u001b[2Jport" }),
    line(2, { stream: "yard", text: "line 3 is refused: it is no JSON" }),
  ];
  const { env, requests } = await startWireServer({
    "GET /v1/sensors/greenhouse.climate/logs": { json: lines },
  });
  const logs = ["sensors", "logs", "greenhouse.climate", "--tail", "2"];
  expect((await callYard(logs, { env })).stdout).toBe(
    "2026-01-01T00:59:01.000Z reading \u001b[2Jport\n2026-01-01T00:59:02.000Z [yard] line 3 is refused: it is no JSON\n",
  );
  expect(requests[0]?.path).toBe("/v1/sensors/greenhouse.climate/logs?tail=2&limit=200");
  const terminal = { columns: 200, rows: 24 };
  const shown = await callYard(logs, { env, terminal });
  expect(shown.stdout).not.toContain("\u001b[2J");
  expect(shown.stderr).toBe("");
  const { stdout } = await callYard([...logs, "--json"], { env });
  expect(
    stdout
      .split("\n")
      .filter(Boolean)
      .map((text) => JSON.parse(text)),
  ).toEqual(lines);
});

test("says that the beginning of a log is gone", async () => {
  const { env } = await startWireServer({
    "GET /v1/sensors/greenhouse.climate/logs": { json: [line(3, { text: "reading" })] },
  });
  const call = await callYard(["sensors", "logs", "greenhouse.climate"], { env });
  expect(call.stderr).toContain("Older lines are gone");
});

test("follows the log of a sensor until Ctrl-C", async () => {
  const { env } = await startWireServer({
    "GET /v1/sensors/greenhouse.climate/logs": { json: [line(1, { text: "reading" })] },
  });
  const call = await callYard(["sensors", "logs", "greenhouse.climate", "-f"], {
    env,
    onStdout: (_text, interrupt) => interrupt(),
  });
  expect(call).toMatchObject({ exitCode: 130, stdout: expect.stringContaining("reading\n") });
});

const WHY = {
  ref: "greenhouse.climate",
  status: "stopped",
  summary: "stopped: no enabled rule listens to it",
  chain: ["it sends greenhouse.overheated"],
  unblock: ["a rule on greenhouse.overheated"],
};

test("explains a sensor by its own command, and among all that may have such a name", async () => {
  const { env, requests } = await startWireServer({
    "GET /v1/sensors/greenhouse.climate/explain": { json: WHY },
  });
  const told =
    "○ stopped: no enabled rule listens to it\n  it sends greenhouse.overheated\nWhat would move it:\n  a rule on greenhouse.overheated\n";
  const own = await callYard(["sensors", "explain", "greenhouse.climate"], { env });
  expect(own.stdout).toBe(told);
  expect((await callYard(["explain", "greenhouse.climate"], { env })).stdout).toBe(told);
  // What has no dot is no name of a sensor.
  const before = requests.length;
  await callYard(["explain", "greenhouse"], { env });
  expect(requests.slice(before).map(({ path }) => path)).not.toContain(
    "/v1/sensors/greenhouse/explain",
  );
});

test("a sensor that is not there is told with what the server says, and exits with 3", async () => {
  const there = "There is no sensor greenhouse.climte; did you mean greenhouse.climate?";
  const { env } = await startWireServer({
    "GET /v1/sensors/greenhouse.climte": wireProblem(404, "not_found", there),
  });
  const call = await callYard(["sensors", "greenhouse.climte"], { env });
  expect(call).toMatchObject({ exitCode: 3, stderr: `yard: ${there}\n` });
});

test.each([
  [["puase", "greenhouse.climate"], "Did you mean pause?"],
  [["climate"], "`yard sensors` lists their names"],
])("%j, which is no command and no name, is refused with a way out", async (words, hint) => {
  const call = await callYard(["sensors", ...words]);
  expect(call).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(hint) });
});

test("offers the names of sensors to a shell, with how they are", async () => {
  const { env } = await startWireServer({ "GET /v1/sensors": { json: [CLIMATE, FAILING] } });
  const offer = async () => (await callYard(["completion", "offer", "sensors"], { env })).stdout;
  const words = "greenhouse.climate\trunning\ngreenhouse.door\tbackoff\n";
  // A machine under load may take longer than a person waits.
  await expect.poll(offer, { timeout: 20_000 }).toBe(words);
}, 25_000);
