import { expect, test } from "vitest";
import { inOwnTurn } from "../../json/own-turn.fixture.ts";
import { outputOf, setUp } from "../attempt.fixture.ts";
import { createRemotePipe } from "../remote-pipe.ts";
import type { RemoteEnd } from "./remote.types.ts";
import { createRemoteRunner } from "./remote-runner.ts";

test("a large output of another machine is read in a turn of its own", async () => {
  const text = "a".repeat(200_000);
  const end: RemoteEnd = { kind: "exited", exitCode: 0, signal: null, durationMs: 1 };
  const runner = createRemoteRunner({
    start() {
      const [stdout, stderr] = [createRemotePipe(() => {}), createRemotePipe(() => {})];
      stdout.push(Buffer.from(JSON.stringify(text)));
      return { stdout, stderr, ended: Promise.resolve(end), stop: () => {} };
    },
  });
  const spec = { kind: "process", command: ["cat"], output: "json" } as const;
  const result = await inOwnTurn(() => runner.run(spec, setUp().context()));
  expect(outputOf(result)).toBe(text);
});

test("nobody speaks with a process of another machine", async () => {
  const start = () => {
    throw new Error("it was started");
  };
  const dismissed = new AbortController().signal;
  const talk = { begun: () => {}, isOver: () => false, dismissed };
  const spec = { kind: "process", command: ["cat"], output: "none" } as const;
  const running = createRemoteRunner({ start }).run(spec, setUp().context({ talk }));
  await expect(running).rejects.toThrow("nobody speaks with a process there");
});
