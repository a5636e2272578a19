import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { aRun, RUN_ID } from "../testing/wire-records.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";

const START = "POST /v1/runs";

/** Ctrl-C while the server holds its answer until the run has ended. */
async function brokenOff(again: () => { status?: number; json: unknown }) {
  let interrupt = (): void => {};
  const { env, requests } = await startWireServer({
    [START]: ({ headers }) => {
      if (headers["prefer"] === undefined) return again();
      interrupt();
      return undefined;
    },
  });
  const call = await callYard(["run", "a.b", "n=1", "--wait", "30"], {
    env,
    onConsole: (console) => {
      interrupt = () => console.interrupt();
    },
  });
  return { call, requests };
}

test("Ctrl-C while it waits for the end tells of the run that it started, by the same key", async () => {
  const { call, requests } = await brokenOff(() => ({ json: aRun({ status: "running" }) }));
  expect(call.exitCode).toBe(130);
  expect(call.stderr).toContain(`yard runs show ${RUN_ID} --watch`);
  expect(requests.map(({ body }) => body)).toEqual([requests[0]?.body, requests[0]?.body]);
  const [first, second] = requests.map(({ headers }) => headers["idempotency-key"]);
  expect(second).toBe(first);
});

test("Ctrl-C says that there may be a run where the server does not tell which", async () => {
  const { call } = await brokenOff(() => wireProblem(503, "unavailable", "it stops"));
  expect(call.exitCode).toBe(130);
  expect(call.stderr).toContain("The run may have been started: yard runs");
});
