import { Failure } from "../failure.ts";
import type { Frame } from "../frame.ts";
import { BOOL } from "../values/cel-type.ts";
import { allIn, membershipOf } from "../values/membership.ts";
import { define, type Functions } from "./signature.ts";

const LIST = ["list"] as const;
type Lists = readonly [readonly unknown[], readonly unknown[]];

function contains([list, others]: Lists, frame: Frame): boolean | Failure {
  const members = membershipOf(list, frame);
  return members instanceof Failure ? members : allIn(others, members);
}

function equivalent([left, right]: Lists, frame: Frame): boolean | Failure {
  const isInside = contains([left, right], frame);
  return isInside === true ? contains([right, left], frame) : isInside;
}

function intersects([left, right]: Lists, frame: Frame): boolean | Failure {
  const members = membershipOf(left, frame);
  if (members instanceof Failure) return members;
  for (const value of right) {
    const has = members.has(value);
    if (has !== false) return has;
  }
  return false;
}

/** Lists taken as sets: neither order nor how often a value is there counts (cel-go's sets library). */
export const SET_FUNCTIONS: Functions = {
  "sets.contains": define<Lists>({
    style: "call",
    takes: [LIST, LIST],
    does: "whether every item of the second list is in the first",
    example: "sets.contains(['bug', 'urgent'], ['bug'])",
    gives: BOOL,
    apply: contains,
  }),
  "sets.equivalent": define<Lists>({
    style: "call",
    takes: [LIST, LIST],
    does: "whether both lists have the same items, in any order",
    example: "sets.equivalent([1, 2], [2, 1, 1])",
    gives: BOOL,
    apply: equivalent,
  }),
  "sets.intersects": define<Lists>({
    style: "call",
    takes: [LIST, LIST],
    does: "whether the lists have an item in common",
    example: "sets.intersects(['a', 'b'], ['b', 'c'])",
    gives: BOOL,
    apply: intersects,
  }),
};
