import { expect, it } from "vitest";
import { runOfTraceState, traceStateOf } from "./trace-state.ts";

const RUN = "01a2275d-9ea2-7416-b75c-35ed2faf481b";

it("is found among what others have put there", () => {
  const own = traceStateOf(RUN);
  for (const header of [own, `a=1,${own}`, ` ${own} , b@c=2`, `${own},`])
    expect(runOfTraceState(header)).toBe(RUN);
});

it("names no run where it is of others, or none at all", () => {
  for (const header of ["", "a=1", "yard=1", `xyard=${RUN}`, `yard=${RUN}0`, undefined, [RUN]])
    expect(runOfTraceState(header)).toBeUndefined();
});
