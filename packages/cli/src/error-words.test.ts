import { expect, test } from "vitest";
import { callYard } from "./testing/call-yard.ts";
import { RUN_ID } from "./testing/wire-records.ts";
import { startWireServer, wireProblem } from "./testing/wire-server.ts";

async function told(argv: string[], route: string, field: object, detail?: string) {
  const { path, message } = field as { path: string; message: string };
  const sentence = detail ?? `The body: ${path} ${message}`;
  const { env } = await startWireServer({
    [route]: wireProblem(400, "invalid_request", sentence, [field]),
  });
  const call = await callYard(argv, { env });
  expect(call.exitCode).toBe(2);
  return call.stderr;
}

test("names a wrong value by the option that gave it, once", async () => {
  const message = "must be a duration such as 30d";
  const field = { path: "/expires_in", message, got: '"soon"' };
  const argv = ["tokens", "create", "ci", "--scope", "admin", "--expires", "soon"];
  expect(await told(argv, "POST /v1/tokens", field)).toBe(
    `yard: --expires: ${message} (got "soon")\n`,
  );
});

test("names a wrong one of several values by the option that gave them", async () => {
  const field = { path: "/scopes/1", message: "is none of the values allowed", got: '"runs"' };
  const argv = ["tokens", "create", "ci", "--scope", "admin", "--scope", "runs"];
  expect(await told(argv, "POST /v1/tokens", field)).toBe(
    'yard: --scope: is none of the values allowed (got "runs")\n',
  );
});

test("names a wrong value by the argument that gave it", async () => {
  const field = { path: "/name", message: "must be lower case", got: '"Bad"' };
  const argv = ["tokens", "create", "Bad", "--scope", "admin"];
  expect(await told(argv, "POST /v1/tokens", field)).toBe(
    'yard: <name>: must be lower case (got "Bad")\n',
  );
});

test("does not say expected and got again where the message has said them", async () => {
  const message = "expected a list, got a string";
  const field = { path: "/input/people", message, expected: "a list", got: "a string" };
  expect(
    await told(["run", "a.b", "people=x"], "POST /v1/runs", field, "the input does not fit a.b"),
  ).toBe(`yard: the input does not fit a.b\n  /input/people: ${message}\n`);
});

test("does not say a field again where the sentence has said it", async () => {
  const message = 'a.b has no step "x"';
  const field = { path: "/from", message, got: "x", hint: "it has y" };
  const sentence = `${message}: it has y`;
  const argv = ["retry", RUN_ID, "--from", "x"];
  expect(await told(argv, `POST /v1/runs/${RUN_ID}/retry`, field, sentence)).toBe(
    `yard: ${sentence}\n`,
  );
});
