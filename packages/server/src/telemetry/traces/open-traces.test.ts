import { expect, it, vi } from "vitest";
import { silentLog } from "../../db/index.ts";
import { openTraces } from "./open-traces.ts";

const QUERY = "key-in-the-query";

it("loads nothing where there is no collector", async () => {
  const load = vi.fn();
  expect(await openTraces(undefined, { version: "1", log: silentLog, load })).toBeUndefined();
  expect(load).not.toHaveBeenCalled();
});

it("says where traces go, without what may be a key", async () => {
  const lines: object[] = [];
  const url = `http://127.0.0.1:9/v1/traces?key=${QUERY}`;
  const headers = { authorization: "Bearer hidden" };
  const log = { ...silentLog, info: (details: object) => void lines.push(details) };
  const traces = await openTraces({ url, headers, serviceName: "yard" }, { version: "1", log });
  await traces?.close(0);
  expect(lines).toEqual([{ collector: "http://127.0.0.1:9/v1/traces" }]);
});
