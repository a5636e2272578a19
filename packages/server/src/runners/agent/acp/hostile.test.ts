import { expect, it } from "vitest";
import { errorOf, outputOf, untilGone } from "../../attempt.fixture.ts";
import { setUpAcp } from "./acp.fixture.ts";

it("an agent that dies is told with its last words, and is no success", async () => {
  const { suffer } = setUpAcp();
  const error = errorOf(await suffer("dies"));
  expect(error).toMatchObject({ code: "agent_failed", details: { outcome: "crashed" } });
  expect(error.message).toContain("exited with code 7: out of memory");
});

it("a program that is not there is told, with the way out", async () => {
  const { suffer } = setUpAcp();
  const error = errorOf(await suffer("dies", { profile: { command: ["no-such-agent", "--acp"] } }));
  expect(error.code).toBe("process_start");
  expect(error.message).toContain("Install it there, or name its program as command");
});

it.each(["mute", "chatters"])(
  "an agent that does not introduce itself (%s) is stopped, and asked about",
  async (does) => {
    const { suffer } = setUpAcp();
    const error = errorOf(await suffer(does, { profile: { silenceMs: 1_500 } }));
    expect(error).toMatchObject({ code: "agent_failed", details: { outcome: "stalled" } });
    expect(error.message).toMatch(/did not introduce itself within 1\.5 s\. Does `.*` speak/);
  },
);

it("an agent that gives no sign is stopped, and nothing of it is left", async () => {
  const { suffer, textOf } = setUpAcp();
  const error = errorOf(await suffer("hangs", { profile: { silenceMs: 6_000 } }));
  expect(error).toMatchObject({ details: { outcome: "stalled", session: "s" } });
  const [, own, other] = /pids (\d+) (\d+)/.exec(textOf("stdout")) ?? [];
  await untilGone(Number(own));
  await untilGone(Number(other));
});

it("a cancel that it does not heed is followed by a signal", async () => {
  const { suffer, abort, logged } = setUpAcp();
  const running = suffer("hangs");
  await logged("pids");
  abort.abort("cancel");
  const result = await running;
  expect(result.status).toBe("canceled");
  await untilGone(result.facts.pid ?? 0);
});

it("a flood of words is read, and told up to a limit", async () => {
  const { suffer, textOf } = setUpAcp();
  const result = await suffer("floods", { deps: { logLimitBytes: 10_000 } });
  expect(result.status).toBe("success");
  expect(textOf("stdout")).toContain("what the agent does is told no more");
  expect(textOf("stdout").length).toBeLessThan(11_000);
});

it("an agent that asks without end, and reads no answer, is not answered without end", async () => {
  const { suffer } = setUpAcp();
  const error = errorOf(await suffer("asks", { deps: { lingersMs: 100 } }));
  expect(error).toMatchObject({ details: { outcome: "error" } });
  expect(error.message).toContain("it asked for more than 1000 things within 60 s");
});

it("a line without measure is passed over and told, and what follows is heard", async () => {
  const { suffer, textOf } = setUpAcp();
  expect(outputOf(await suffer("huge"))).toMatchObject({
    text: "after it",
    agent: { malformed_lines: 1 },
  });
  expect(textOf("stdout")).toContain("[agent] a line of it is longer than 10 MiB");
});

it("what is not of the protocol is counted, and what is of another kind or session says nothing", async () => {
  const { suffer, textOf } = setUpAcp();
  expect(outputOf(await suffer("garbles"))).toMatchObject({
    text: "all the same",
    agent: { malformed_lines: 4 },
  });
  expect(textOf("stdout")).not.toContain("of another");
});

it("a limit of its provider is one, and no failure of its work", async () => {
  const { suffer } = setUpAcp();
  const error = errorOf(await suffer("limited"));
  expect(error).toMatchObject({ code: "agent_limit", details: { outcome: "rate_limited" } });
  expect(error.message).toContain("Rate limit exceeded (429)");
});

it.each([
  ["newer", "config", "speaks version 2 of the Agent Client Protocol; here 1 is spoken"],
  ["nameless", "error", "gave its conversation no name"],
  ["invents", "error", "for a reason that is not known here: bored"],
])("an agent that %s has ended as %s", async (does, outcome, told) => {
  const { suffer } = setUpAcp();
  const error = errorOf(await suffer(does));
  expect(error).toMatchObject({ code: "agent_failed", details: { outcome } });
  expect(error.message).toContain(told);
});

it("leave for good is never given, even where nothing else is offered", async () => {
  const { suffer, textOf } = setUpAcp();
  const profile = { permissions: "edit" } as const;
  expect(outputOf(await suffer("options", { profile }))).toMatchObject({
    text: 'outcome: {"outcome":{"outcome":"cancelled"}}',
  });
  expect(textOf("stdout")).toContain("was not allowed (it asks for no leave for this once)");
});

it("an agent that goes on when it has ended is stopped, and what it says then counts for nothing", async () => {
  const { suffer, textOf } = setUpAcp();
  const result = await suffer("stays", { deps: { lingersMs: 200 } });
  expect(outputOf(result)).toMatchObject({ text: "done" });
  expect(textOf("stdout")).not.toContain("and on");
  await untilGone(result.facts.pid ?? 0);
});
