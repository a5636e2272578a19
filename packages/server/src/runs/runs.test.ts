import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type RunApi, startRunApi } from "../../test/run-api.ts";

const MISSING = "01890a5d-ac96-774b-bcce-b302099a8057";

describe("/v1/runs", () => {
  let api: RunApi;
  beforeAll(async () => {
    api = await startRunApi();
  });
  afterAll(() => api?.close());

  describe("reading", () => {
    it("lists newest first, in pages, by ref and status", async () => {
      const ids: string[] = [];
      for (let i = 0; i < 5; i++)
        ids.push((await api.start({ ref: "test.two" }, { prefer: "wait=5" })).body.id);
      const seen: string[] = [];
      let path: string | undefined = "/v1/runs?ref=test.two&status=success&limit=2";
      while (path !== undefined) {
        const page: Answer = await api.ask("GET", path);
        expect(page.body.length).toBeLessThanOrEqual(2);
        seen.push(...page.body.map(({ id }: { id: string }) => id));
        path = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
      }
      expect(seen).toEqual(ids.toSorted().toReversed());
      expect((await api.ask("GET", "/v1/runs?ref=test.two&status=failed")).body).toEqual([]);
    });

    it("ends a page where its payloads come to 8 MiB, however small they are stored", async () => {
      const input = { fill: "x".repeat(1_000_000) };
      const ids: string[] = [];
      for (const ref of ["test.two", "test.long"])
        for (let i = 0; i < 5; i++) ids.unshift((await api.start({ ref, input })).body.id);
      const first = await api.ask("GET", `/v1/runs?limit=10&until=3000-01-01T00:00:00Z`);
      expect(first.body.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 9));
      expect(first.body[8].input).toEqual(input);
      const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1];
      const { body: second } = await api.ask("GET", next as string);
      expect(second[0].id).toBe(ids[9]);
      const { body: alone } = await api.ask("GET", `/v1/runs/${ids[9]}`);
      expect(second[0]).toEqual(alone);
      const live = await api.ask("GET", "/v1/runs?status=waiting&limit=5");
      expect(live.body.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 5));
      expect((await api.ask("GET", "/v1/runs?payloads=false&limit=10")).body).toHaveLength(10);
    });

    it("finds ended and live runs by how their ids begin and end, dashes or not", async () => {
      const { body: ended } = await api.start({ ref: "test.two" }, { prefer: "wait=5" });
      const { body: live } = await api.start({ ref: "test.long" });
      for (const { id } of [ended, live]) {
        const digits = id.replaceAll("-", "");
        const parts = [id, id.slice(0, 22), digits.slice(0, 20).toUpperCase()].map(
          (part) => `id_prefix=${part}`,
        );
        const ends = [digits.slice(-8), id.slice(-17), digits.slice(-31)];
        for (const filter of [...parts, ...ends.map((end) => `id_suffix=${end}`)])
          expect([filter, (await api.ask("GET", `/v1/runs?${filter}`)).body]).toMatchObject([
            filter,
            [{ id }],
          ]);
        const both = `id_prefix=${id.slice(0, 8)}&id_suffix=${id.slice(-6)}`;
        expect((await api.ask("GET", `/v1/runs?${both}&ref=other.ref`)).body).toEqual([]);
      }
      expect((await api.ask("GET", "/v1/runs?id_prefix=ffffff")).body).toEqual([]);
      expect((await api.ask("GET", "/v1/runs?id_suffix=abcde")).body).toMatchObject({
        code: "invalid_request",
        errors: [{ path: "/id_suffix" }],
      });
      await api.ask("POST", `/v1/runs/${live.id}/cancel`);
    });

    it.each([
      ["/v1/runs?cursor=nonsense", "invalid_cursor"],
      ["/v1/runs?limit=201", "invalid_request"],
      ["/v1/runs?limit=0x10", "invalid_request"],
      ["/v1/runs?limit=1e1", "invalid_request"],
      ["/v1/runs?status=sucess", "invalid_request"],
      ["/v1/runs?stat=success", "invalid_request"],
    ])("refuses %s", async (path, code) => {
      expect(await api.ask("GET", path)).toMatchObject({ status: 400, body: { code } });
    });

    it("gives the steps of a run in pages", async () => {
      const { body: run } = await api.start({ ref: "test.two" }, { prefer: "wait=5" });
      const first = await api.ask("GET", `/v1/runs/${run.id}/steps?limit=1`);
      expect(first.body).toMatchObject([{ id: "a" }]);
      const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1];
      const last = await api.ask("GET", next as string);
      expect(last.body).toMatchObject([{ id: "b" }]);
      expect(last.headers.get("link")).toBeNull();
    });

    it("shows the steps, the reasons and the verdict of the interpreter", async () => {
      const { body: run } = await api.start({ ref: "test.two" }, { prefer: "wait=5" });
      const { body: steps } = await api.ask("GET", `/v1/runs/${run.id}/steps`);
      expect(steps.map(({ id, status }: { id: string; status: string }) => [id, status])).toEqual([
        ["a", "success"],
        ["b", "success"],
      ]);
      expect((await api.ask("GET", `/v1/runs/${run.id}/explain`)).body).toMatchObject({
        id: run.id,
        summary: expect.any(String),
      });
      expect((await api.ask("GET", `/v1/runs/${run.id}/verify`)).body).toMatchObject({
        id: run.id,
        same: true,
      });
    });

    it.each(["", "/steps", "/logs", "/logs?follow=true", "/explain", "/verify"])(
      "of a run that is not there is 404: %s",
      async (rest) => {
        expect(await api.ask("GET", `/v1/runs/${MISSING}${rest}`)).toMatchObject({
          status: 404,
          body: { code: "not_found" },
        });
      },
    );
  });

  it.each(["", "/steps", "/logs", "/explain"])(
    "a text that is no id is told as a run that there is not, and where ids come from: %s",
    async (rest) => {
      const detail = "There is no run nonsense; ids come from `yard runs` or GET /v1/runs";
      expect(await api.ask("GET", `/v1/runs/nonsense${rest}`)).toMatchObject({
        status: 404,
        body: { code: "not_found", detail },
      });
    },
  );

  describe("repair", () => {
    it("tries an ended run again, once under one key, and finds the new run by the old one", async () => {
      const { body: run } = await api.start({ ref: "test.two" }, { prefer: "wait=5" });
      const headers = { "idempotency-key": "again" };
      const path = `/v1/runs/${run.id}/retry`;
      const asked = await api.ask("POST", path, { from: "b", dry_run: true });
      expect(asked).toMatchObject({
        status: 200,
        body: { dry_run: true, id: run.id, reused: ["a"], reused_parts: [] },
      });
      const before = await api.ask("GET", `/v1/runs?retry_of=${run.id}&payloads=false`);
      expect(before.body).toEqual([]);
      const first = await api.ask("POST", path, { from: "b" }, headers);
      expect(first).toMatchObject({ status: 202, body: { retry_of: run.id, ref: "test.two" } });
      const second = await api.ask("POST", path, { from: "b" }, headers);
      expect(second.body.id).toBe(first.body.id);
      expect(await api.ask("POST", path, { from: "a" }, headers)).toMatchObject({
        body: { code: "idempotency_mismatch" },
      });
      const tries = await api.ask("GET", `/v1/runs?retry_of=${run.id}&payloads=false`);
      expect(tries.body).toMatchObject([{ id: first.body.id, input: null }]);
      expect(tries.body).toHaveLength(1);
      expect(await api.ask("POST", path, { from: "a", from_start: true })).toMatchObject({
        status: 400,
      });
    });

    it("tells a token that may not read runs neither what went into those of others nor what came out", async () => {
      const writer = { authorization: "Bearer writer" };
      const input = { n: "of another" };
      const { body: ended } = await api.start({ ref: "test.two", input }, { prefer: "wait=5" });
      const { body: live } = await api.start({ ref: "test.long", input });
      for (const path of [`${ended.id}/retry`, `${live.id}/pause`, `${live.id}/resume`]) {
        const { body } = await api.ask("POST", `/v1/runs/${path}`, {}, writer);
        expect([path, body]).toMatchObject([path, { input: null, output: null, error: null }]);
      }
      const ending = await api.ask("POST", `/v1/runs/${live.id}/cancel`, undefined, writer);
      expect(ending.body).toMatchObject({ id: live.id, input: null });
      const own = await api.start({ ref: "test.two", input }, { prefer: "wait=5", ...writer });
      expect(own.body).toMatchObject({ input, status: "success" });
    });

    it("tries all again that fit, those alone that were not yet, and tells before it does", async () => {
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) {
        const { body } = await api.start({ ref: "test.long" });
        ids.push(body.id);
        await api.ask("POST", `/v1/runs/${body.id}/cancel`);
        await api.test.engine.waitForEnd(body.id, 5_000);
      }
      const wanted = { status: "canceled", ref: "test.long", limit: 2 };
      const told = await api.ask("POST", "/v1/runs/retry", { ...wanted, dry_run: true });
      expect(told.body).toMatchObject({ dry_run: true, more: true, refused: [] });
      expect(told.body.retried).toHaveLength(2);
      expect(told.body.retried[0].retry_id).toBeNull();
      const done = await api.ask("POST", "/v1/runs/retry", { ...wanted, limit: 100 });
      expect(done.body.retried.map(({ id }: { id: string }) => id)).toEqual(
        expect.arrayContaining(ids),
      );
      const again = await api.ask("POST", "/v1/runs/retry", wanted);
      expect(again.body.retried).toEqual([]);
      for (const { retry_id } of done.body.retried) {
        await api.ask("POST", `/v1/runs/${retry_id}/cancel`);
        await api.test.engine.waitForEnd(retry_id, 5_000);
      }
    });

    it.each([{}, { all: false }, { limit: 1 }, { dry_run: true, latest: true }])(
      "refuses to try runs again by %j, which chooses none, and says what does",
      async (body) => {
        const { body: run } = await api.start({ ref: "test.breaks" }, { prefer: "wait=5" });
        expect(run.status).toBe("failed");
        const refused = await api.ask("POST", "/v1/runs/retry", body);
        expect(refused).toMatchObject({ status: 400, body: { code: "invalid_request" } });
        expect(refused.body.errors).toMatchObject([
          {
            path: "/all",
            message: expect.stringContaining("say `all: true`, or one of status, ref"),
          },
        ]);
        expect((await api.ask("GET", `/v1/runs?retry_of=${run.id}`)).body).toEqual([]);
      },
    );

    it("tries all failed runs again that others do not hold as steps, where all of them are asked for", async () => {
      const { body: run } = await api.start({ ref: "test.breaks" }, { prefer: "wait=5" });
      const told = await api.ask("POST", "/v1/runs/retry", { all: true, dry_run: true });
      const { retried } = told.body as { retried: { id: string }[] };
      expect(retried.map(({ id }) => id)).toContain(run.id);
    });

    it("has a trace of its own where it was given none, and is found by it", async () => {
      const { body: run } = await api.start({ ref: "test.two" }, { prefer: "wait=5" });
      const trace = run.id.replaceAll("-", "");
      expect(run.traceparent.slice(3, 35)).toBe(trace);
      const { body } = await api.ask("GET", `/v1/runs?trace=${trace}`);
      expect(body).toMatchObject([{ id: run.id, traceparent: run.traceparent }]);
    });

    it("leaves out runs that are steps of others, whose work their parent's new try does, unless asked by parent", async () => {
      const { body: run } = await api.start({ ref: "test.calls" }, { prefer: "wait=10" });
      expect(run.status).toBe("failed");
      const chosen = async (filter: object) => {
        const wanted = { since: run.created_at, dry_run: true, ...filter };
        const told = await api.ask("POST", "/v1/runs/retry", wanted);
        return told.body.retried.map(({ ref }: { ref: string }) => ref);
      };
      expect(await chosen({ status: "failed" })).toEqual(["test.calls"]);
      expect(await chosen({ status: "failed", parent: run.id })).toEqual(["test.breaks"]);
    });

    it("lists runs that are no steps of others, or those of one run", async () => {
      const { body: run } = await api.start({ ref: "test.calls" }, { prefer: "wait=10" });
      const refs = async (query: string) => {
        const { body } = await api.ask("GET", `/v1/runs?since=${run.created_at}&${query}`);
        // Both may be of the same millisecond.
        return body.map(({ ref }: { ref: string }) => ref).sort();
      };
      expect(await refs("")).toEqual(["test.breaks", "test.calls"]);
      expect(await refs("roots=true")).toEqual(["test.calls"]);
      expect(await refs(`parent=${run.id}`)).toEqual(["test.breaks"]);
      const both = await api.ask("GET", `/v1/runs?roots=true&parent=${run.id}`);
      expect(both).toMatchObject({ status: 400, body: { errors: [{ path: "/roots" }] } });
    });

    it("pauses and resumes, and lists by time and trace", async () => {
      const since = new Date().toISOString();
      const trace = "0af7651916cd43dd8448eb211c80319c";
      const traceparent = `00-${trace}-b7ad6b7169203331-01`;
      const { body: run } = await api.start({ ref: "test.long" }, { traceparent });
      const paused = await api.ask("POST", `/v1/runs/${run.id}/pause`);
      expect(paused.body).toMatchObject({
        ...{ status: "waiting", reason: "paused by token:one", paused_by: "token:one" },
      });
      const resumed = await api.ask("POST", `/v1/runs/${run.id}/resume`);
      expect(resumed.body.reason).toContain("waits for a timer");
      expect(resumed.body.paused_by).toBeNull();
      const ids = async (query: string) =>
        (await api.ask("GET", `/v1/runs?${query}`)).body.map(({ id }: { id: string }) => id);
      expect(await ids(`trace=${trace}`)).toEqual([run.id]);
      expect(await ids(`since=${since}`)).toEqual([run.id]);
      expect(await ids(`since=${since}&until=${since}`)).toEqual([]);
      // As its error and every other list say that a time is written.
      expect(await ids(`trace=${trace}&since=2026-01-31T12:00:00Z`)).toEqual([run.id]);
      expect(await ids(`trace=${trace}&until=2026-01-31T13:00:00%2B01:00`)).toEqual([]);
      await api.ask("POST", `/v1/runs/${run.id}/cancel`);
      expect(await api.test.engine.waitForEnd(run.id, 5_000)).toMatchObject({ status: "canceled" });
    });
  });

  describe("canceling", () => {
    it("asks the run to stop; a run that has ended cannot be", async () => {
      const { body: run } = await api.start({ ref: "test.long" });
      expect((await api.ask("POST", `/v1/runs/${run.id}/cancel`)).status).toBe(202);
      expect(await api.test.engine.waitForEnd(run.id, 5_000)).toMatchObject({ status: "canceled" });
      expect(await api.ask("POST", `/v1/runs/${run.id}/cancel`)).toMatchObject({
        status: 409,
        body: { code: "already_final" },
      });
      expect(await api.ask("POST", `/v1/runs/${MISSING}/cancel`)).toMatchObject({ status: 404 });
    });
  });
});
