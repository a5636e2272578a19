import { describe, expect, it } from "vitest";
import { pausedWith, pauserOf, type RunEvent } from "../index.ts";
import { CANCEL, lead, workflow } from "../testing/build.ts";

const BY_PARENT = pauserOf("parent-1");
const paused = (by: string): RunEvent => ({ type: "paused", by, at: 1_000 });
const resumed = (by: string): RunEvent => ({ type: "resumed", by, at: 1_000 });

describe("a run that is paused", () => {
  const run = (...by: string[]) => {
    const made = lead(workflow({ a: {}, b: {} }));
    for (const one of by) made.post(paused(one));
    return made;
  };

  it("knows who asked first, until somebody resumes it", () => {
    const one = run("token:ann", "token:bob");
    expect(one.verdicts()).toEqual(["late"]);
    expect(one.state().pausedBy).toBe("token:ann");
    one.post(resumed("token:bob"));
    expect(one.verdicts()).toEqual(["applied"]);
    expect(one.state().pausedBy).toBeUndefined();
    one.post(resumed("token:bob"));
    expect(one.verdicts()).toEqual(["late"]);
  });

  it("by itself stays so when its parent goes on", () => {
    const one = run("token:ann");
    one.post(resumed(BY_PARENT));
    expect(one.verdicts()).toEqual(["late"]);
    expect(one.state().pausedBy).toBe("token:ann");
  });

  it("with its parent goes on with it, or when a person says so, and not with another", () => {
    const one = run(BY_PARENT);
    expect(pausedWith(one.state().pausedBy ?? "")).toBe("parent-1");
    one.post(resumed(pauserOf("parent-2")));
    expect(one.verdicts()).toEqual(["late"]);
    one.post(resumed(BY_PARENT));
    expect(one.state().pausedBy).toBeUndefined();
    const other = run(BY_PARENT);
    other.post(resumed("token:ann"));
    expect(other.state().pausedBy).toBeUndefined();
  });

  it("loses its own pause by a cancel, that its cleanup may run, and keeps that of its parent", () => {
    const own = run("token:ann");
    own.post(CANCEL);
    expect(own.state().pausedBy).toBeUndefined();
    const held = run(BY_PARENT);
    held.post(CANCEL);
    expect(held.state().pausedBy).toBe(BY_PARENT);
  });

  it("cannot be paused once it has ended", () => {
    const one = lead(workflow({ a: {} }));
    one.end("a");
    one.post(paused("token:ann"));
    expect(one.verdicts()).toEqual(["late"]);
    expect(one.state().pausedBy).toBeUndefined();
  });
});
