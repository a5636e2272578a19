import { expect, test } from "vitest";
import { createClient } from "../client.ts";
import { sendJson, serve } from "../testing/serve.ts";
import { isRunError } from "./run-result.ts";

const ID = "0197a1b2-0000-7000-8000-000000000001";

async function runThatIs(ended: object) {
  const run = { id: ID, ref: "a.b", output: null, error: null, ...ended };
  const url = await serve((_, response) => sendJson(response, run));
  return createClient({ url }).runs;
}

test("gives the output of a run, as what `parse` makes of it", async () => {
  const runs = await runThatIs({ status: "success", output: { sent: 3 } });
  expect(await runs.result<{ sent: number }>(ID)).toEqual({ sent: 3 });
  expect(await runs.result(ID, { parse: (output) => JSON.stringify(output) })).toBe('{"sent":3}');
});

test.each([
  [
    { status: "failed", error: { code: "process_exit", message: "It ended with 3" } },
    "process_exit",
    `a.b failed: It ended with 3 (run ${ID})`,
  ],
  [{ status: "canceled" }, "canceled", `a.b was canceled (run ${ID})`],
  [{ status: "timed_out" }, "timed_out", `a.b timed out (run ${ID})`],
])("throws of a run that is %o, with its code and itself", async (ended, code, message) => {
  const error: unknown = await (await runThatIs(ended))
    .result(ID)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message, run: { id: ID } });
  expect(isRunError(error)).toBe(true);
});
