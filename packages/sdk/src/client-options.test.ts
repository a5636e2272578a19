import { expect, test } from "vitest";
import { createClient } from "./client.ts";
import { optionsOfEnvironment } from "./environment.ts";
import { problem, sendJson, serve } from "./testing/serve.ts";

const ID = "0197a1b2-0000-7000-8000-000000000001";

/** A server that is not ready for the first `times` requests; `keys` are the idempotency keys that came. */
async function notReadyFor(times: number) {
  const keys: (string | undefined)[] = [];
  const url = await serve((request, response, number) => {
    keys.push(request.headers["idempotency-key"] as string | undefined);
    if (number >= times) return sendJson(response, { id: ID, status: "running" });
    sendJson(response, problem(503, "unavailable", "it starts"), { status: 503 });
  });
  return { url, keys };
}

test("tries a read and a start again for as long as it is told to, a start under one key", async () => {
  const { url, keys } = await notReadyFor(1);
  const { runs } = createClient({ url, retryForMs: 10_000 });
  expect(await runs.start({ ref: "a.b" })).toMatchObject({ id: ID });
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), keys[0]]);
  await runs.start({ ref: "a.b" });
  expect(keys[2]).not.toBe(keys[0]);
});

test("tries again neither without being told to, nor what may not be done twice, nor a refusal", async () => {
  const { url, keys } = await notReadyFor(2);
  await expect(createClient({ url }).runs.get(ID)).rejects.toMatchObject({ code: "unavailable" });
  const { tokens, runs } = createClient({ url, retryForMs: 10_000 });
  await expect(tokens.create({ name: "a", scopes: ["runs:read"] })).rejects.toMatchObject({
    code: "unavailable",
  });
  expect(keys).toEqual([undefined, undefined]);
  const refusing = await serve((_, response, number) => {
    expect(number).toBe(0);
    sendJson(response, problem(403, "forbidden", "no"), { status: 403 });
  });
  await expect(
    createClient({ url: refusing, retryForMs: 10_000 }).runs.get(ID),
  ).rejects.toMatchObject({ code: "forbidden" });
  expect(await runs.get(ID)).toMatchObject({ id: ID });
});

test("gives up trying again when its time is over or its signal aborts", async () => {
  const { url } = await notReadyFor(Number.POSITIVE_INFINITY);
  const { runs } = createClient({ url, retryForMs: 300 });
  await expect(runs.get(ID)).rejects.toMatchObject({ code: "unavailable" });
  const patient = createClient({ url, retryForMs: 60_000 });
  await expect(patient.runs.get(ID, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
    name: "TimeoutError",
  });
});

test("takes address and token of the environment together, and says what is missing", () => {
  const environment = { YARD_URL: "http://127.0.0.1:4400", YARD_TOKEN: "secret" };
  expect(optionsOfEnvironment(environment)).toEqual({
    url: "http://127.0.0.1:4400",
    token: "secret",
  });
  expect(() => optionsOfEnvironment({ YARD_TOKEN: "secret" })).toThrow(/set YARD_URL/);
});

test("in the program of a step takes the trace of its run, and every call is a part of it", async () => {
  const trace = {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: "yard=01a2275d-9ea2-7416-b75c-35ed2faf481b",
  };
  const given = { TRACEPARENT: trace.traceparent, TRACESTATE: trace.tracestate };
  const options = optionsOfEnvironment({ YARD_URL: "http://127.0.0.1:4400", ...given });
  expect(options).toMatchObject({ trace });
  const sent: unknown[] = [];
  const fetch: typeof globalThis.fetch = async (_url, init) => {
    sent.push(init?.headers);
    return Response.json({});
  };
  await createClient({ ...options, fetch }).runs.get(ID);
  expect(sent).toMatchObject([trace]);
  const broken = { ...given, TRACEPARENT: "00-x" };
  expect(optionsOfEnvironment({ YARD_URL: "http://a", ...broken }).trace).toBeUndefined();
  const odd = optionsOfEnvironment({ YARD_URL: "http://a", ...given, TRACESTATE: "a\nb" });
  expect(odd.trace).toEqual({ traceparent: trace.traceparent });
});
