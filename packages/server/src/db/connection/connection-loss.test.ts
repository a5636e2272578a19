import { expect, test } from "vitest";
import {
  failedConnect,
  isConnectionLoss,
  isInterruption,
  isRefusal,
  retryOnConnectionLoss,
  standstillOf,
} from "./connection-loss.ts";

const failure = (fields: object, message = "failed"): Error =>
  Object.assign(new Error(message), fields);

test.each([
  ["a refused connection", failure({ code: "ECONNREFUSED" })],
  ["a socket that is not there yet", failure({ code: "ENOENT", syscall: "connect" })],
  ["a server that shuts down", failure({ code: "57P01" })],
  ["a server that recovers", failure({ code: "57P03" })],
  ["a connection exception of the server", failure({ code: "08006" })],
  ["a disk that is full", failure({ code: "53100" })],
  ["a standby that was taken for the primary", failure({ code: "25006" })],
  ["a connection that ended", new Error("Connection terminated unexpectedly")],
  ["several addresses that all refused", new AggregateError([failure({ code: "ECONNREFUSED" })])],
])("%s is a lost connection", (_, error) => {
  expect(isConnectionLoss(error)).toBe(true);
});

test.each([
  ["a missing file", failure({ code: "ENOENT", syscall: "open" })],
  ["a unique violation", failure({ code: "23505" })],
  ["a wrong password", failure({ code: "28P01" })],
  ["a canceled statement", failure({ code: "57014" })],
  ["a bug", new TypeError("x is not a function")],
  ["no error at all", "Connection terminated"],
])("%s is no lost connection", (_, error) => {
  expect(isConnectionLoss(error)).toBe(false);
});

test("a connection that was not made for any reason is lost, and refused where the reason stays", () => {
  const refused = failedConnect(failure({ code: "28P01" }));
  expect([isConnectionLoss(refused), isRefusal(refused)]).toEqual([true, true]);
  const away = failedConnect(failure({ code: "ECONNREFUSED" }));
  expect([isConnectionLoss(away), isRefusal(away)]).toEqual([true, false]);
  expect(isRefusal(failure({ code: "28P01" }))).toBe(false);
});

test("what was broken off may be sent again, what is wrong in itself may not", () => {
  expect(isInterruption(failure({ code: "57014" }))).toBe(true);
  expect(isInterruption(failure({ code: "ECONNRESET" }))).toBe(false);
  expect(isInterruption(failure({ code: "22003" }))).toBe(false);
});

test("why PostgreSQL takes no writes is named, with the way out", () => {
  expect(standstillOf(failure({ code: "25006" }))).toMatch(/standby.*lead DATABASE_URL to/);
  expect(standstillOf(failure({ code: "53100" }))).toMatch(/disk is full; make room/);
  expect(standstillOf(failure({ code: "53400" }))).toMatch(/out of resources/);
  expect(standstillOf(failure({ code: "57P01" }))).toBeUndefined();
});

test("work is repeated until the connection holds", async () => {
  let tries = 0;
  const losses: number[] = [];
  const result = await retryOnConnectionLoss(
    async () => {
      tries++;
      if (tries < 3) throw failure({ code: "ECONNREFUSED" });
      return "done";
    },
    { onLoss: (_, waitMs) => losses.push(waitMs) },
  );
  expect(result).toBe("done");
  expect(losses).toEqual([10, 20]);
});

test("other errors are not repeated", async () => {
  let tries = 0;
  const work = async (): Promise<void> => {
    tries++;
    throw failure({ code: "23505" });
  };
  await expect(retryOnConnectionLoss(work)).rejects.toMatchObject({ code: "23505" });
  expect(tries).toBe(1);
});

test("repeating ends with the last error when the time is up, and at once when aborted", async () => {
  const lost = async (): Promise<never> => {
    throw failure({ code: "ECONNRESET" });
  };
  await expect(retryOnConnectionLoss(lost, { maxWaitMs: 15 })).rejects.toMatchObject({
    code: "ECONNRESET",
  });
  const abort = new AbortController();
  const repeated = retryOnConnectionLoss(lost, {
    signal: abort.signal,
    onLoss: () => abort.abort(),
  });
  await expect(repeated).rejects.toMatchObject({ name: "AbortError" });
});
