import { describe, expect, it } from "vitest";
import { compileExpression, judge } from "./index.ts";

const TYPES = { variables: { event: true } };
const event = { data: { action: "assigned", issue: { assignee: null, n: 1 } } };

function judged(condition: string) {
  const compiled = compileExpression(condition, TYPES, "bool");
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return judge(compiled.value, { event });
}

describe("a rule's condition", () => {
  it("matches when every clause holds", () => {
    expect(judged('event.data.action == "assigned" && (event.data.issue.n == 1 && true)')).toEqual({
      matched: true,
    });
  });

  it("says which clause did not hold", () => {
    expect(judged('event.data.action == "assigned" && event.data.issue.n > 5 && true')).toEqual({
      matched: false,
      clause: "event.data.issue.n > 5",
    });
  });

  it("takes a missing field for a clause that does not hold, and names the field", () => {
    expect(
      judged('event.data.action == "assigned" && event.data.issue.assignee.login == "mosaic"'),
    ).toEqual({
      matched: false,
      clause: 'event.data.issue.assignee.login == "mosaic"',
      missing: "event.data.issue.assignee.login",
    });
  });

  it("gives clauses with the parentheses they stand in", () => {
    expect(judged("((event.data.issue.n == 2) || false) == true && true")).toEqual({
      matched: false,
      clause: "((event.data.issue.n == 2) || false) == true",
    });
    expect(judged("(false || ')' == '(') && true")).toEqual({
      matched: false,
      clause: "false || ')' == '('",
    });
  });

  it("is an error only where no other clause decides", () => {
    expect(judged("event.data.issue.n > 'a' && event.data.action == 'x'")).toEqual({
      matched: false,
      clause: "event.data.action == 'x'",
    });
    expect(judged("event.data.issue.n > 'a' && true")).toMatchObject({ error: { kind: "type" } });
    expect(judged("event.data.action")).toMatchObject({ error: { kind: "type" } });
  });
});
