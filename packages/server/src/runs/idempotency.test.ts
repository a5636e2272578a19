import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunApi, startRunApi } from "../../test/run-api.ts";
import { sweepIdempotencyKeys } from "./index.ts";

describe("POST /v1/runs with Idempotency-Key", () => {
  let api: RunApi;
  beforeAll(async () => {
    api = await startRunApi();
  });
  afterAll(() => api?.close());

  describe("an idempotency key", () => {
    it("gets the first run again for the same request, also for requests at the same time", async () => {
      const before = await api.count();
      const headers = { "idempotency-key": "same", prefer: "wait=5" };
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => api.start({ ref: "core.echo", input: { n: 7 } }, headers)),
      );
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      for (const answer of answers)
        expect(answer).toMatchObject({ status: 200, body: { output: { n: 7 } } });
      const again = await api.start(
        { ref: "core.echo", input: { n: 7 } },
        { "idempotency-key": "same" },
      );
      expect(again).toMatchObject({ status: 202, body: { id: answers[0]?.body.id } });
      expect(await api.count()).toBe(before + 1);
    });

    it("refuses another request, and starts nothing", async () => {
      const headers = { "idempotency-key": "other" };
      await api.start({ ref: "core.echo", input: { n: 1 } }, headers);
      const before = await api.count();
      const refused = await api.start({ ref: "core.echo", input: { n: 2 } }, headers);
      expect(refused).toMatchObject({ status: 409, body: { code: "idempotency_mismatch" } });
      expect(await api.count()).toBe(before);
    });

    it("is each token's own", async () => {
      const one = await api.start({ ref: "core.echo" }, { "idempotency-key": "mine" });
      const two = await api.start(
        { ref: "core.echo" },
        { "idempotency-key": "mine", authorization: "Bearer two" },
      );
      expect(two.body.id).not.toBe(one.body.id);
    });

    it("stands for 24 hours and is free again then, also where nothing has swept it", async () => {
      const headers = { "idempotency-key": "old" };
      const age = (hours: number) =>
        api.db.database.pool.query(
          "UPDATE idempotency_keys SET created_at = now() - $1 * interval '1 hour' WHERE key = 'old'",
          [hours],
        );
      const first = await api.start({ ref: "core.echo" }, headers);
      await age(23);
      expect(await sweepIdempotencyKeys(api.db.database.pool)).toBe(0);
      const again = await api.start({ ref: "core.echo" }, headers);
      expect(again.body.id).toBe(first.body.id);
      await age(25);
      const second = await api.start({ ref: "core.noop" }, headers);
      expect(second.status).toBe(202);
      expect(second.body.id).not.toBe(first.body.id);
      await age(25);
      expect(await sweepIdempotencyKeys(api.db.database.pool)).toBe(1);
    });

    it("is refused when it cannot be kept", async () => {
      const refused = await api.start({ ref: "core.echo" }, { "idempotency-key": "x".repeat(256) });
      expect(refused).toMatchObject({
        status: 400,
        body: { errors: [{ path: "Idempotency-Key" }] },
      });
    });
  });
});
