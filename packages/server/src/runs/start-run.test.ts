import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunApi, startRunApi } from "../../test/run-api.ts";

describe("POST /v1/runs", () => {
  let api: RunApi;
  beforeAll(async () => {
    api = await startRunApi();
  });
  afterAll(() => api?.close());

  describe("starting", () => {
    it("answers 202 with the run and where it is", async () => {
      const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
      const { status, headers, body } = await api.start({ ref: "test.long" }, { traceparent });
      expect(status).toBe(202);
      expect(headers.get("location")).toBe(`/v1/runs/${body.id}`);
      expect(body).toMatchObject({
        ref: "test.long",
        input: {},
        created_by: "token:one",
        traceparent,
        finished_at: null,
      });
      expect((await api.ask("GET", `/v1/runs/${body.id}`)).body).toMatchObject({ id: body.id });
    });

    it("answers 200 with the finished run where it ends within the wait", async () => {
      const { status, headers, body } = await api.start(
        { ref: "core.echo", input: { n: 1 } },
        { prefer: "wait=5" },
      );
      expect(status).toBe(200);
      expect(headers.get("preference-applied")).toBe("wait=5");
      expect(body).toMatchObject({ status: "success", output: { n: 1 } });
    });

    it("answers 200 for a run that failed, and says so in the run", async () => {
      const { status, body } = await api.start(
        { ref: "core.fail", input: { message: "no" } },
        { prefer: "wait=5" },
      );
      expect(status).toBe(200);
      expect(body).toMatchObject({ status: "failed", error: { code: "action_failed" } });
    });

    it("answers 202 when the wait is over before the run", async () => {
      const { status, headers, body } = await api.start(
        { ref: "test.long" },
        { prefer: "respond-async, wait=1" },
      );
      expect(status).toBe(202);
      expect(headers.get("preference-applied")).toBe("wait=1");
      expect(body).toMatchObject({ status: "waiting" });
    });

    it("answers at once, with the run, what waits while the server stops", async () => {
      const other = api.serve();
      const { url: base } = await other.listen("127.0.0.1", 0);
      const before = await api.count();
      const waiting = fetch(`${base}/v1/runs`, {
        method: "POST",
        headers: {
          authorization: "Bearer one",
          "content-type": "application/json",
          prefer: "wait=60",
        },
        body: '{"ref":"test.long"}',
      });
      await expect.poll(() => api.count()).toBe(before + 1);
      await other.close();
      const response = await waiting;
      expect(response.status).toBe(202);
      expect(await response.json()).toMatchObject({ ref: "test.long" });
    });

    it.each([
      [{ ref: "core.ecko" }, 404, "unknown_ref"],
      [{ ref: "core.echo", inputs: {} }, 400, "invalid_request"],
      [{}, 400, "invalid_request"],
    ])("refuses %j", async (request, status, code) => {
      const refused = await api.start(request);
      expect(refused).toMatchObject({ status, body: { code } });
    });

    it.each(["two", "twoo", "other.two"])(
      "says of %s which one of a pack it may mean",
      async (ref) => {
        const refused = await api.start({ ref });
        expect(refused.body.detail).toContain('did you mean "test.two"?');
      },
    );
  });
});
