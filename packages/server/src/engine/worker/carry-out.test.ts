import { describe, expect, it } from "vitest";
import { actionOf } from "../../../test/workflows.ts";
import { type AttemptResult, NOTHING_RAN, NotBegun } from "../../runners/index.ts";
import type { Assignment } from "./assignment.ts";
import { createCarryOut } from "./carry-out.ts";
import { endedAttempt } from "./ended-attempt.ts";

const RUN_ID = "01890000-0000-7000-8000-000000000000";

function assigned(): Assignment {
  const action = actionOf("test.work", { kind: "process", script: "true", output: "none" });
  const step = { action, timeoutMs: 1_000 } as unknown as Assignment["step"];
  const rest = { input: null, traceparent: null, leasedAt: 0 };
  return { runId: RUN_ID, slot: "step", number: 1, step, ...rest };
}

it("tells a process whose end nobody saw as lost, not as failed, and keeps nobody's folder", async () => {
  const result: AttemptResult = {
    status: "lost",
    error: { code: "worker_lost", message: "the spawner ended before it" },
    facts: { durationMs: 1, stdoutBytes: 0, stderrBytes: 0 },
  };
  const givenBack: [string, boolean][] = [];
  const traces: string[] = [];
  const carryOut = createCarryOut({
    runners: {
      work: async (
        _action: unknown,
        { workFolder, trace }: { workFolder: () => string; trace: string },
      ) => {
        traces.push(trace);
        workFolder();
        return result;
      },
    } as never,
    packFolder: async () => "/nowhere",
    filesOf: () => undefined as never,
    workFolders: {
      take: () => "folder",
      giveBack: async (folder: string, suspect: boolean) => void givenBack.push([folder, suspect]),
    } as never,
    wasBegunBefore: async () => true,
    sessionId: () => "session",
    log: () => undefined,
    logLate: () => undefined,
    flushLog: () => undefined,
  });
  expect(await carryOut(assigned(), new AbortController().signal)).toEqual({
    ...{ status: "lost", facts: result.facts },
  });
  expect(givenBack).toEqual([["folder", true]]);
  // Its run was given none: it has that of the run's id.
  expect(traces).toEqual(["00-01890000000070008000000000000000-8000000000000000-01"]);
});

it("keeps what was measured of a success, and of what ends as it starts nothing: not a byte more is stored of it", async () => {
  const facts = { durationMs: 12, pid: 4711, exitCode: 0, leftBehind: 1 };
  const carryOut = createCarryOut({
    runners: {
      core: () => ({ status: "success", output: 1, facts: NOTHING_RAN }),
      work: async () => ({ status: "success", output: 1, facts }),
    },
    packFolder: async () => "/nowhere",
    sessionId: () => "session",
    flushLog: () => undefined,
  } as never);
  const { signal } = new AbortController();
  expect(await carryOut(assigned(), signal)).toEqual({ status: "success", output: 1, facts });
  const step = { action: actionOf("core.noop", { kind: "core", name: "noop" }) } as never;
  const instant = carryOut({ ...assigned(), step }, signal);
  expect(instant).toEqual({ status: "success", output: 1 });
});

it("begins nothing of a worker that was frozen with it, and whose session was ended meanwhile", async () => {
  let session = "before";
  const begun: string[] = [];
  const carryOut = createCarryOut({
    runners: { work: async () => void begun.push("work") } as never,
    sure: async () => {
      session = "after";
    },
    packFolder: async () => "/nowhere",
    filesOf: () => undefined as never,
    workFolders: undefined as never,
    wasBegunBefore: async () => true,
    sessionId: () => session,
    log: () => undefined,
    logLate: () => undefined,
    flushLog: () => undefined,
  });
  expect(await carryOut(assigned(), new AbortController().signal)).toEqual({
    ...{ status: "lost", givenBack: true, begun: false },
  });
  expect(begun).toEqual([]);
});

describe("a machine that cannot make the work folder", () => {
  const carryOut = createCarryOut({
    runners: {
      work: async (_action: unknown, { workFolder }: { workFolder: () => string }) => workFolder(),
    } as never,
    packFolder: async () => "/nowhere",
    filesOf: () => undefined as never,
    workFolders: {
      take: () => {
        const message = "ENOSPC: no space left on device, mkdtemp '/data/work-XXXXXX'";
        throw Object.assign(new Error(message), {
          ...{ code: "ENOSPC", syscall: "mkdtemp", path: "/data/work-XXXXXX" },
        });
      },
    } as never,
    wasBegunBefore: async () => true,
    sessionId: () => "session",
    log: () => undefined,
    logLate: () => undefined,
    flushLog: () => undefined,
  });
  const { signal } = new AbortController();

  it("has the attempt given back, with the reason and the way out, which the journal keeps", async () => {
    const outcome = await carryOut(assigned(), signal, () => undefined);
    expect(outcome.notBegun).toBeInstanceOf(NotBegun);
    const facts = { worker: "session", at: 1, random: 0 };
    const event = endedAttempt(assigned(), outcome, facts);
    expect(event).toMatchObject({ status: "lost", givenBack: true, begun: false });
    expect(event.error?.message).toMatch(/ENOSPC.*; make room where \/data\/work-XXXXXX lies\.$/);
    expect(event).not.toHaveProperty("notBegun");
  });

  it("has it failed where whoever has it does not rest: it would have it again at once", async () => {
    expect(await carryOut(assigned(), signal)).toMatchObject({ status: "failed" });
  });
});
