import { expect, test } from "vitest";
import { createClient } from "../client.ts";
import { problem, sendJson, serve } from "../testing/serve.ts";

const LOGS = "/v1/sensors/shop.till/logs";

/** A server whose answers come one after the other, the last one again and again; what it was asked. */
async function setup(...answers: readonly unknown[]) {
  const asked: string[] = [];
  const url = await serve((request, response, number) => {
    asked.push(`${request.method} ${request.url}`);
    const answer = answers[Math.min(number, answers.length - 1)];
    if (answer === "away") request.socket.destroy();
    else if (answer === "gone")
      sendJson(response, problem(404, "not_found", "There is no sensor shop.till"), {
        status: 404,
      });
    else sendJson(response, answer);
  });
  return { asked, sensors: createClient({ url }).sensors };
}

const line = (seq: number) => ({ seq, at: "2026-01-01T00:00:00.000Z", stream: "stderr", text: "" });

test("lists, gets, explains, pauses, resumes, restarts, resets and forgets sensors, whatever their names hold", async () => {
  const { asked, sensors } = await setup([{ ref: "shop.till" }], {});
  for await (const { ref } of sensors.list()) expect(ref).toBe("shop.till");
  await sensors.get("shop.till");
  await sensors.explain("shop/../till");
  await sensors.pause("shop.till");
  await sensors.resume("shop.till");
  await sensors.restart("shop.till");
  await sensors.reset("shop.till");
  await sensors.forget("shop.till");
  expect(asked).toEqual([
    "GET /v1/sensors?limit=200",
    "GET /v1/sensors/shop.till",
    "GET /v1/sensors/shop%2F..%2Ftill/explain",
    "POST /v1/sensors/shop.till/pause",
    "POST /v1/sensors/shop.till/resume",
    "POST /v1/sensors/shop.till/restart",
    "POST /v1/sensors/shop.till/reset",
    "DELETE /v1/sensors/shop.till",
  ]);
});

test("reads the log of a sensor from its end, or behind a line", async () => {
  const { asked, sensors } = await setup([line(4), line(5)], []);
  const seen: number[] = [];
  for await (const { seq } of sensors.logs("shop.till", { tail: 2 })) seen.push(seq);
  for await (const { seq } of sensors.logs("shop.till", { after: 5 })) seen.push(seq);
  expect(seen).toEqual([4, 5]);
  expect(asked).toEqual([`GET ${LOGS}?tail=2&limit=200`, `GET ${LOGS}?after=5&limit=200`]);
});

test("follows a log behind the last line that it gave, over a server that is away, until the sensor is gone", async () => {
  const { asked, sensors } = await setup([line(7)], "away", [line(8)], "gone");
  const seen: (number | string)[] = [];
  const notes = { onAway: () => seen.push("away"), onBack: () => seen.push("back") };
  const follow = async () => {
    for await (const { seq } of sensors.logs("shop.till", { follow: true, tail: 1, ...notes }))
      seen.push(seq);
  };
  await expect(follow()).rejects.toMatchObject({ code: "not_found" });
  expect(seen).toEqual([7, "away", "back", 8]);
  expect(asked).toEqual([
    `GET ${LOGS}?tail=1&limit=200`,
    `GET ${LOGS}?after=7&limit=200`,
    `GET ${LOGS}?after=7&limit=200`,
    `GET ${LOGS}?after=8&limit=200`,
  ]);
});

test("of a log that was empty it follows all that comes, and ends with its signal", async () => {
  const { asked, sensors } = await setup([], [line(1), line(2)]);
  const abort = new AbortController();
  const follow = async () => {
    const logs = sensors.logs("shop.till", { follow: true, tail: 1, signal: abort.signal });
    for await (const { seq } of logs) if (seq === 2) abort.abort(new Error("enough"));
  };
  await expect(follow()).rejects.toThrow("enough");
  expect(asked[1]).toBe(`GET ${LOGS}?after=0&limit=200`);
});

test("a server that cannot be reached at first is told, and not waited for", async () => {
  const { sensors } = await setup("away");
  const first = sensors.logs("shop.till", { follow: true }).next();
  await expect(first).rejects.toMatchObject({ code: "unavailable" });
});
