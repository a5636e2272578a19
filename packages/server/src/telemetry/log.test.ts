import { AppError } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import { createLogger, type LogOptions } from "./log.ts";

function logging(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => lines.push(line), ...options });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? "{}") as Record<string, unknown> };
}

const TOKEN = `yard_${"a".repeat(43)}`;
const SIGNATURE = "5d61605c3feea9799210ddcb71307d4ba264225f85d61605c3feea9799210ddc";

it("writes one line of JSON with time, level, message and fields", () => {
  const { log, lines, last } = logging();
  log.info({ run_id: "r1", trace_id: "t1" }, "a run\nmoved");
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  expect(last()).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    run_id: "r1",
    trace_id: "t1",
    msg: "a run\nmoved",
  });
});

it("keeps to its level", () => {
  const { log, lines } = logging({ level: "warn" });
  log.info({}, "no");
  log.warn({}, "yes");
  expect(lines).toHaveLength(1);
});

it.each(["debug", "info", "warn", "error"] as const)(
  "holds no secret at level %s, wherever one is put",
  (level) => {
    const { log, lines } = logging({ secrets: ["open sesame/now", 'p"w-12345', undefined] });
    const headers = {
      Authorization: `Bearer ${TOKEN}`,
      cookie: "session=abcdef123456",
      "x-hub-signature-256": `sha256=${SIGNATURE}`,
      "webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    };
    log[level]({ headers, deep: [{ body: { client_secret: "hunter2-hunter2" } }] }, "one");
    log[level]({ url: `/v1/runs?access=${TOKEN}` }, `the caller sent Bearer ${TOKEN}`);
    log[level]({ DATABASE_URL: "x", at: "postgres://yard:s3cr3t-pw@db/yard" }, "two");
    log[level]({ note: `got sha256=${SIGNATURE}` }, 'it was open sesame/now, then p"w-12345');
    const cause = Object.assign(new Error("postgres://u:s3cr3t-pw@h refused open sesame/now"), {
      detail: "Key (secret)=(row-value) exists",
    });
    log[level]({ err: new AppError("internal", `bad ${TOKEN}`, { cause }) }, "three");
    const all = lines.join("");
    const secrets = [
      TOKEN,
      "a".repeat(43),
      "abcdef123456",
      SIGNATURE,
      "K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN",
      "hunter2",
      "s3cr3t-pw",
      "open sesame",
      "w-12345",
      "row-value",
    ];
    for (const secret of secrets) expect(all).not.toContain(secret);
    expect(lines).toHaveLength(5);
    expect(all).toContain("the caller sent");
  },
);

it("says of an error what it is, where it comes from and what caused it", () => {
  const { log, last } = logging();
  const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  log.error({ err: new AppError("unavailable", "away", { cause }) }, "no database");
  expect(last()["err"]).toMatchObject({
    type: "AppError",
    code: "unavailable",
    message: "away",
    stack: expect.stringContaining("log.test.ts"),
    cause: { message: "refused", code: "ECONNREFUSED" },
  });
});

it("speaks to people on a terminal, and lets no field move the cursor", () => {
  const { log, lines } = logging({ isTerminal: true });
  log.warn({ queue: "deploy", title: "\u001b[2Jhi", err: new Error("why") }, "it waits");
  const text = lines.join("");
  expect(text).toMatch(/^\d\d:\d\d:\d\d\.\d{3} /);
  expect(text).toContain("it waits queue=deploy title=hi\n    Error: why");
  expect(text).not.toContain("\u001b[2J");
});

it("copes with what cannot be written as it is", () => {
  const { log, lines } = logging();
  const circle: Record<string, unknown> = { n: 1 };
  circle["self"] = circle;
  log.info({ circle, big: 10n ** 30n, at: new Date(0), gone: undefined }, "odd");
  expect(lines[0]).toContain("1970-01-01");
});
