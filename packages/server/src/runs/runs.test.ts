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

    it.each([
      ["/v1/runs?cursor=nonsense", "invalid_cursor"],
      ["/v1/runs?limit=201", "invalid_request"],
      ["/v1/runs?status=sucess", "invalid_request"],
      ["/v1/runs?stat=success", "invalid_request"],
    ])("refuses %s", async (path, code) => {
      expect(await api.ask("GET", path)).toMatchObject({ status: 400, body: { code } });
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
