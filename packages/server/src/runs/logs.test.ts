import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN, serveRoutes } from "../../test/http.ts";
import { type Answer, type RunApi, startRunApi } from "../../test/run-api.ts";
import { STREAM_LIMITS } from "../http/lasting/stream.ts";
import { runRoutes } from "./index.ts";
import { logsRoute } from "./logs.route.ts";

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

    it("is read from so many lines before its end, in pages and followed", async () => {
      const { body: run } = await api.start({ ref: "test.lines" });
      const headers = { authorization: "Bearer one" };
      // The first answer is what was written by then; all that comes behind it is given.
      const followed = await fetch(`${api.url}/v1/runs/${run.id}/logs?follow=true&tail=1`, {
        headers,
      });
      expect((await followed.text()).match(/line \d/g)?.at(-1)).toBe("line 3");
      const texts: string[] = [];
      let path: string | undefined = `/v1/runs/${run.id}/logs?limit=1&tail=2`;
      while (path !== undefined) {
        const page: Answer = await api.ask("GET", path);
        texts.push(...page.body.map(({ text }: { text: string }) => text));
        path = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
      }
      expect(texts.join("")).toBe("line 2\nline 3\n");
      const tooMany = await api.ask("GET", `/v1/runs/${run.id}/logs?tail=10001`);
      expect(tooMany).toMatchObject({ status: 400, body: { errors: [{ path: "/tail" }] } });
    });

    it("has an end for every line, also for the last that a program left open", async () => {
      const { body: run } = await api.start({ ref: "test.open" }, { prefer: "wait=20" });
      const { body: pieces } = await api.ask("GET", `/v1/runs/${run.id}/logs`);
      const textOf = (wanted: string) =>
        pieces
          .filter(({ stream }: { stream: string }) => stream === wanted)
          .map(({ text }: { text: string }) => text)
          .join("");
      expect([textOf("stdout"), textOf("stderr")]).toEqual(["half\n", "odd\n"]);
    });

    it("ends with a line that says why where its token is not valid any more", async () => {
      const { body: run } = await api.start({ ref: "test.long" });
      let isRevoked = false;
      const { http } = serveRoutes(runRoutes(api.test.engine, { problems: async () => [] }), {
        authenticate: () => (isRevoked ? undefined : ADMIN),
        streamLimits: { ...STREAM_LIMITS, tokenCheckMs: 20 },
      });
      const { url } = await http.listen("127.0.0.1", 0);
      const response = await fetch(`${url}/v1/runs/${run.id}/logs?follow=true`, {
        headers: { authorization: "Bearer one" },
      });
      isRevoked = true;
      expect(JSON.parse(await response.text())).toEqual({
        type: "cut",
        code: "unauthorized",
        reason: expect.stringContaining("not valid"),
      });
      await http.close();
    });

    it("says that it is cut to who does not read it, and refuses what is no cursor with a status", async () => {
      const route = logsRoute(api.test.engine);
      const { body: run } = await api.start({ ref: "core.noop" }, { prefer: "wait=5" });
      const asked = { params: { id: run.id }, query: { follow: true }, headers: {}, url: "" };
      const { stream } = await route.handler(asked as never);
      expect(JSON.parse(stream?.lastWords?.() ?? "")).toMatchObject({
        type: "cut",
        code: "unavailable",
      });
      const refused = await api.ask("GET", `/v1/runs/${run.id}/logs?follow=true&cursor=none`);
      expect(refused).toMatchObject({ status: 400, body: { code: "invalid_cursor" } });
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
