import type { Inquiry } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { RUN_ID } from "../testing/wire-records.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";

const ID = "0197a1b2-0000-7000-8000-00000000a5c1";
const OPEN: Inquiry = {
  id: ID,
  status: "open",
  run_id: RUN_ID,
  ref: "shop.release",
  step: "approve",
  index: null,
  attempt: 1,
  about: "step",
  title: "Release 1.2?",
  prompt: "Shall it be released?\nTo all of them\u001b[2J.",
  schema: {
    type: "object",
    properties: {
      ok: { type: "boolean", description: "Whether it goes out." },
      share: { type: "integer" },
      note: { type: "string" },
      ring: { enum: ["first", "all"] },
      hosts: { type: "array" },
    },
    required: ["ok", "note"],
  },
  assigned_to: ["ann"],
  asked_at: "2026-01-01T00:58:00.000Z",
  expires_at: "2026-01-01T02:00:00.000Z",
  ended_at: null,
  answer: null,
  answered_by: null,
  answered_at: null,
};
const ANSWERED: Inquiry = {
  ...OPEN,
  status: "answered",
  ended_at: "2026-01-01T00:59:00.000Z",
  answer: { ok: true, note: "fine" },
  answered_by: "token:ann",
  answered_at: "2026-01-01T00:59:00.000Z",
};

async function serve(inquiry: Inquiry = OPEN) {
  const server = await startWireServer({
    "GET /v1/inquiries": { json: [inquiry] },
    [`GET /v1/inquiries/${ID}`]: { json: inquiry },
    [`POST /v1/inquiries/${ID}/answer`]: { json: ANSWERED },
  });
  const answers = () =>
    server.requests.flatMap(({ method, body }) =>
      method === "POST" ? [(body as { answer: unknown }).answer] : [],
    );
  return { ...server, answers };
}

test("lists questions with who is to answer and until when", async () => {
  const { env, requests } = await serve();
  const { stdout } = await callYard(
    ["inquiries", "list", "--status", "open", "--assigned-to", "ann", "--run", RUN_ID],
    { env },
  );
  expect(stdout).toMatch(/^INQUIRY +STATUS +STEP +ASKED +EXPIRES +FOR +QUESTION\n/);
  expect(stdout).toMatch(/open +shop\.release approve +2 min ago +in 1 h +ann +Release 1\.2\?\n$/);
  expect(requests[0]?.path).toBe(
    `/v1/inquiries?status=open&run=${RUN_ID}&assigned_to=ann&limit=50`,
  );
  const json = await callYard(["inquiries", "--json"], { env });
  expect(JSON.parse(json.stdout)).toEqual(OPEN);
});

test("shows a question, its fields and how it is answered, and then its answer", async () => {
  const { env } = await serve();
  const { stdout } = await callYard(["inquiries", "show", "0000a5c1"], { env });
  expect(stdout).toContain("◌ Release 1.2?  open\n  Shall it be released?\n  To all of them[2J.\n");
  expect(stdout).toContain("  ok: true or false\n  share: a whole number, or nothing\n");
  expect(stdout).toContain("  ring: one of first, all, or nothing\n");
  expect(stdout).toContain("may be answered by ann, in 1 h at the latest\n");
  expect(stdout).toContain(`Answer it: yard inquiries answer ${ID}\n`);
  const over = await serve(ANSWERED);
  const told = await callYard(["inquiries", "show", ID], { env: over.env });
  expect(told.stdout).toContain('answered by token:ann 1 min ago\n  {"ok":true,"note":"fine"}\n');
});

test("reads the fields of an answer by their types", async () => {
  const { env, answers } = await serve();
  const words = ["ok=yes", "note=503", "share=3", "ring=all", 'hosts=["a"]', "more=x"];
  const { stdout, exitCode } = await callYard(["inquiries", "answer", ID, ...words], { env });
  expect(exitCode).toBe(0);
  expect(answers()).toEqual([
    { ok: true, note: "503", share: 3, ring: "all", hosts: ["a"], more: "x" },
  ]);
  expect(stdout).toContain(`Its run goes on: yard runs show ${RUN_ID}\n`);
});

test.each([
  ["ok=maybe", 'ok takes true or false, not "maybe"'],
  ["share=few", 'share takes a number, not "few"'],
  ["ring=none", 'ring takes one of first, all, not "none"'],
  ["hosts=a", "hosts takes JSON, in quotes for the shell"],
  ["ok", '"ok" is not name=value'],
])("refuses %s before anything is sent", async (word, message) => {
  const { env, answers } = await serve();
  const { stderr, exitCode } = await callYard(["inquiries", "answer", ID, word], { env });
  expect([exitCode, answers()]).toEqual([2, []]);
  expect(stderr).toContain(message);
});

test("takes a whole answer from stdin", async () => {
  const { env, answers } = await serve();
  const stdin = '{"ok":false,"note":"no"}';
  await callYard(["inquiries", "answer", ID, "--json-answer", "-"], { env, stdin });
  expect(answers()).toEqual([{ ok: false, note: "no" }]);
});

test("asks for one field after the other on a terminal, and again where what is typed is none", async () => {
  const { env, answers } = await serve();
  const { stderr } = await callYard(["inquiries", "answer", ID], {
    env,
    isTyped: true,
    onConsole: ({ type }) => type("perhaps\ny\n\n\nall\n\n"),
  });
  expect(answers()).toEqual([{ ok: true, note: "", ring: "all" }]);
  expect(stderr).toContain("Shall it be released?\n");
  expect(stderr).toContain("Whether it goes out.\nok (true or false): ");
  expect(stderr).toContain('ok takes true or false, not "perhaps"');
});

test("says what it wants where nobody can be asked", async () => {
  const { env, answers } = await serve();
  const { stderr, exitCode } = await callYard(["inquiries", "answer", ID], { env });
  expect([exitCode, answers()]).toEqual([2, []]);
  expect(stderr).toContain("The question wants ok=… (true or false)");
});

const LOOSE: Inquiry = { ...OPEN, schema: { type: "object" } };
const OPTIONAL: Inquiry = {
  ...OPEN,
  schema: { type: "object", properties: { note: { type: "string" } } },
};

test.each([
  ["takes any name=value", LOOSE],
  ["wants note=… (text, or nothing)", OPTIONAL],
])(
  "sends no empty answer where none is given and nobody can be asked: %s",
  async (told, inquiry) => {
    const { env, answers } = await serve(inquiry);
    const { stderr, exitCode } = await callYard(["inquiries", "answer", ID], { env });
    expect([exitCode, answers()]).toEqual([2, []]);
    expect(stderr).toContain(`${told}; a whole answer, be it {}, comes by --json-answer -`);
  },
);

test.each([
  ["yes", 0, [{}]],
  ["no", 2, []],
])(
  "asks once whether an empty map is the answer where there are no fields: %s",
  async (typed, code, sent) => {
    const { env, answers } = await serve(LOOSE);
    const { stderr, exitCode } = await callYard(["inquiries", "answer", ID], {
      ...{ env, isTyped: true },
      onConsole: ({ type }) => type(`${typed}\n`),
    });
    expect([exitCode, answers()]).toEqual([code, sent]);
    expect(stderr).toContain("answer it with an empty map? (true or false): ");
  },
);

test("asks for fields that may be left out, on a terminal", async () => {
  const { env, answers } = await serve(OPTIONAL);
  const { stderr } = await callYard(["inquiries", "answer", ID], {
    ...{ env, isTyped: true },
    onConsole: ({ type }) => type("\n"),
  });
  expect(answers()).toEqual([{}]);
  expect(stderr).toContain("note (text, or nothing): ");
});

test("tells who was first and when, with the exit code of a conflict, and sends nothing", async () => {
  const { env, answers } = await serve(ANSWERED);
  const { stderr, exitCode } = await callYard(["inquiries", "answer", ID, "ok=yes"], { env });
  expect([exitCode, answers()]).toEqual([5, []]);
  expect(stderr).toContain("was answered by token:ann at 2026-01-01T00:59:00.000Z");
});

test("tells who was first where another answers meanwhile", async () => {
  const { env } = await startWireServer({
    [`GET /v1/inquiries/${ID}`]: { json: OPEN },
    [`POST /v1/inquiries/${ID}/answer`]: wireProblem(409, "conflict", "answered by token:bob"),
  });
  const { stderr, exitCode } = await callYard(["inquiries", "answer", ID, "ok=yes"], { env });
  expect(exitCode).toBe(5);
  expect(stderr).toContain("answered by token:bob");
});

test("tells who may answer, and asks for no more scopes, where a question is for others", async () => {
  const problem = wireProblem(403, "forbidden", "it is for token ann to answer");
  const errors = [{ path: "/assigned_to", message: "names others", expected: "ann", got: "bob" }];
  const { env } = await startWireServer({
    [`GET /v1/inquiries/${ID}`]: { json: OPEN },
    [`POST /v1/inquiries/${ID}/answer`]: {
      ...problem,
      json: { ...(problem.json as object), errors },
    },
  });
  const { stderr, exitCode } = await callYard(["inquiries", "answer", ID, "ok=yes"], { env });
  expect(exitCode).toBe(4);
  expect(stderr).toContain("it is for token ann to answer");
  expect(stderr).not.toContain("more scopes");
});

test("explain tells of a question by its id", async () => {
  const { env } = await startWireServer({
    [`GET /v1/inquiries/${ID}/explain`]: {
      json: { id: ID, status: "open", summary: "open: waits", chain: ["asked"], unblock: ["it"] },
    },
  });
  const { stdout } = await callYard(["explain", ID], { env });
  expect(stdout).toBe("◌ open: waits\n  asked\nWhat would move it:\n  it\n");
});
