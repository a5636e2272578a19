import type { RuleHistory } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { addHistory, MATCHES_SHOWN } from "./history-sum.ts";

const PIECE: RuleHistory = {
  ...{ rule: "a.b", held: null, judged: 3, matched: 1, not_matched: 2, error: 0 },
  clauses: [{ clause: "x", count: 2 }],
  matches: [],
  errors: [],
  next: "0197a1b2-0000-7000-8000-000000000001",
};
const MATCH: RuleHistory["matches"][number] = {
  ...{ event_id: "1", type: "t", source: "s", subject: null, run: null },
  received_at: "2026-01-01T00:00:00.000Z",
};

test("adds the pieces of a long time up, the most frequent clause first", () => {
  const first = addHistory(undefined, PIECE);
  expect(first).toMatchObject({ judged: 3, isOpen: true });
  const clauses = [{ clause: "y", count: 5 }, ...PIECE.clauses];
  const both = addHistory(first, { ...PIECE, error: 1, clauses, next: null });
  expect(both).toMatchObject({ judged: 6, matched: 2, not_matched: 4, error: 1, isOpen: false });
  expect(both.clauses).toEqual([
    { clause: "y", count: 5 },
    { clause: "x", count: 4 },
  ]);
});

test("holds no more matches than it shows, however many there are", () => {
  const matches = Array.from({ length: MATCHES_SHOWN }, () => MATCH);
  const sum = addHistory(addHistory(undefined, { ...PIECE, matches }), { ...PIECE, matches });
  expect(sum.matches).toHaveLength(MATCHES_SHOWN);
});
