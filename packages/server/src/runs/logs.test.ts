import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type RunApi, startRunApi } from "../../test/run-api.ts";

describe("/v1/runs/{id}/logs", () => {
  let api: RunApi;
  beforeAll(async () => {
    api = await startRunApi();
  });
  afterAll(() => api?.close());

  describe("the log", () => {
    it("is followed live, as JSON lines, until the run has ended, and read again in pages", async () => {
      const { body: run } = await api.start({ ref: "test.lines" });
      const response = await fetch(`${api.url}/v1/runs/${run.id}/logs?follow=true`, {
        headers: { authorization: "Bearer one" },
      });
      expect(response.headers.get("content-type")).toBe("application/x-ndjson");
      let text = "";
      let isLive = false;
      const decoder = new TextDecoder();
      for await (const bytes of response.body as ReadableStream<Uint8Array>) {
        text += decoder.decode(bytes, { stream: true });
        isLive ||= (await api.test.engine.run(run.id))?.finished_at === null;
      }
      expect(isLive).toBe(true);
      const lines = text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      const own = lines.filter(({ stream }) => stream === "stderr");
      expect(own.map(({ text: piece }) => piece).join("")).toBe("line 1\nline 2\nline 3\n");
      expect(own[0]).toMatchObject({ step: "lines", attempt: 1 });

      const paged: unknown[] = [];
      let path: string | undefined = `/v1/runs/${run.id}/logs?limit=1`;
      while (path !== undefined) {
        const page: Answer = await api.ask("GET", path);
        paged.push(...page.body);
        path = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
      }
      expect(paged).toEqual(lines);
      const ndjson = await fetch(`${api.url}/v1/runs/${run.id}/logs`, {
        headers: { authorization: "Bearer one", accept: "application/x-ndjson" },
      });
      expect(await ndjson.text()).toBe(text);
    });

    it("of a run without output ends at once", async () => {
      const { body: run } = await api.start({ ref: "core.noop" }, { prefer: "wait=5" });
      const response = await fetch(`${api.url}/v1/runs/${run.id}/logs?follow=true`, {
        headers: { authorization: "Bearer one" },
      });
      expect(await response.text()).toBe("");
    });
  });
});
