import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isComplete,
  lineOf,
  type Readiness,
  readinessOf,
  startable,
  type WorkNode,
} from "./index.ts";

function node(number: number, rest: Partial<WorkNode> = {}): WorkNode {
  const usual = {
    priority: 5,
    status: "queued",
    issue: "open",
    blockedBy: [],
    blocks: [],
  } as const;
  return { key: String(number), number, ...usual, ...rest };
}

/** Picks as a tracker with one slot does, each ending well. */
function picks(nodes: readonly WorkNode[]): number[] {
  let all = [...nodes];
  const picked: number[] = [];
  for (let next = startable(all, 0)[0]; next !== undefined; next = startable(all, 0)[0]) {
    const { key } = next;
    picked.push(next.number);
    all = all.map((one) => (one.key === key ? { ...one, status: "done" } : one));
  }
  return picked;
}

describe("what is ready", () => {
  it("waits for its blockers, said from either side, and starts after them", () => {
    for (const nodes of [
      [node(160, { blocks: ["161"] }), node(161)],
      [node(160), node(161, { blockedBy: ["160"] })],
      [node(160, { blocks: ["161"] }), node(161, { blockedBy: ["160"] })],
    ]) {
      expect(readinessOf(nodes).get("160")).toEqual({ ready: true, unknown: [] });
      expect(readinessOf(nodes).get("161")).toMatchObject({ code: "blocked_by", keys: ["160"] });
      expect(picks(nodes)).toEqual([160, 161]);
    }
  });

  it("goes by the lowest number, an explicit priority before it, a try that is due before both", () => {
    const chain = [node(102, { blockedBy: ["101"] }), node(101, { blocks: ["102"] }), node(100)];
    expect(picks(chain)).toEqual([100, 101, 102]);
    expect(picks([node(1), node(2, { priority: 1 }), node(3, { priority: 9 })])).toEqual([2, 1, 3]);
    const due = node(9, { status: "in_progress", nextTryAt: 0, priority: 9 });
    expect(startable([node(1, { priority: 1 }), due], 0).map((one) => one.number)).toEqual([9, 1]);
    expect(startable([{ ...due, nextTryAt: 1 }], 0)).toEqual([]);
  });

  it("is not held by a blocker that nobody knows, and says that it does not know it", () => {
    const [one] = readinessOf([node(161, { blockedBy: ["160"] })]).values();
    expect(one).toEqual({ ready: true, unknown: ["160"] });
  });

  it("is held by an open issue that was never the bot's, and freed when it is closed", () => {
    const blocked = node(2, { blockedBy: ["1"] });
    expect(readinessOf([node(1, { status: null }), blocked]).get("2")?.ready).toBe(false);
    expect(readinessOf([node(1, { status: null, issue: "closed" }), blocked]).get("2")?.ready).toBe(
      true,
    );
  });

  it("is not freed by a run that failed, nor by an item that was canceled while its issue is open", () => {
    for (const status of ["blocked", "failed", "canceled", "waiting", "in_progress"] as const)
      expect(
        readinessOf([node(1, { status }), node(2, { blockedBy: ["1"] })]).get("2")?.ready,
      ).toBe(false);
  });

  it("is held again by a blocker that is reopened before it starts, and not after", () => {
    const reopened = node(1, { status: "queued" });
    expect(readinessOf([reopened, node(2, { blockedBy: ["1"] })]).get("2")?.ready).toBe(false);
    const started = node(2, { blockedBy: ["1"], status: "in_progress" });
    expect(readinessOf([reopened, started]).has("2")).toBe(false);
    expect(readinessOf([reopened, started]).get("1")?.ready).toBe(true);
  });

  it("waits where the tracker cannot say whether its blocker is closed", () => {
    const nodes = [node(1, { status: null, issue: "unreadable" }), node(2, { blockedBy: ["1"] })];
    expect(readinessOf(nodes).get("2")).toMatchObject({ code: "blocker_unreadable", keys: ["1"] });
  });
});

describe("cycles", () => {
  it("are told with their path, from each of their members", () => {
    const nodes = [
      node(1, { blockedBy: ["2"] }),
      node(2, { blockedBy: ["3"] }),
      node(3, { blocks: ["2"], blockedBy: ["1"] }),
    ];
    expect(readinessOf(nodes).get("1")).toMatchObject({
      code: "dependency_cycle",
      keys: ["1", "2", "3", "1"],
    });
    expect(readinessOf(nodes).get("3")).toMatchObject({ keys: ["3", "1", "2", "3"] });
    expect(picks(nodes)).toEqual([]);
  });

  it("are not what stands behind one", () => {
    const nodes = [
      node(1, { blockedBy: ["2"] }),
      node(2, { blockedBy: ["1"] }),
      node(3, { blockedBy: ["1"] }),
    ];
    expect(readinessOf(nodes).get("3")).toMatchObject({ code: "blocked_by", keys: ["1"] });
  });

  it("are none where one of them has started, or is the issue itself", () => {
    const nodes = [
      node(1, { blockedBy: ["2"], status: "in_progress" }),
      node(2, { blockedBy: ["1"] }),
    ];
    expect(readinessOf(nodes).get("2")).toMatchObject({ code: "blocked_by" });
    expect(readinessOf([node(1, { blockedBy: ["1"] })]).get("1")?.ready).toBe(true);
  });
});

const KEYS = ["1", "2", "3", "4", "5", "6", "7"];
const graphs = fc
  .uniqueArray(
    fc.record({
      number: fc.integer({ min: 1, max: 6 }),
      priority: fc.integer({ min: 4, max: 6 }),
      status: fc.constantFrom("queued", "queued", "queued", "in_progress", "blocked", "done", null),
      issue: fc.constantFrom("open", "open", "closed", "unreadable"),
      blockedBy: fc.subarray(KEYS, { maxLength: 3 }),
      blocks: fc.subarray(KEYS, { maxLength: 2 }),
    }),
    { selector: ({ number }) => number, maxLength: 6 },
  )
  .map((all) => all.map((one): WorkNode => ({ ...one, key: String(one.number) })));

function pathIsReal(nodes: readonly WorkNode[], keys: readonly string[]): boolean {
  const of = (key: string) => nodes.find((one) => one.key === key);
  return keys.slice(1).every((next, i) => {
    const key = keys[i] as string;
    return of(key)?.blockedBy.includes(next) === true || of(next)?.blocks.includes(key) === true;
  });
}

it("holds of any graph: ready is whoever no known and incomplete blocker holds, and each cycle's path is real", () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const readiness = readinessOf(nodes);
      for (const one of nodes) {
        const said = readiness.get(one.key) as Readiness;
        if (one.status !== "queued") {
          expect(said).toBeUndefined();
          continue;
        }
        const holds = nodes.filter(
          (by) =>
            by.key !== one.key &&
            (one.blockedBy.includes(by.key) || by.blocks.includes(one.key)) &&
            !isComplete(by),
        );
        expect(said.ready).toBe(holds.length === 0);
        if (said.ready) continue;
        expect(said.keys.length).toBeGreaterThan(0);
        if (said.code === "dependency_cycle") {
          expect(said.keys[0]).toBe(one.key);
          expect(said.keys.at(-1)).toBe(one.key);
          expect(pathIsReal(nodes, said.keys)).toBe(true);
        } else for (const key of said.keys) expect(holds.map((by) => by.key)).toContain(key);
      }
    }),
  );
});

it("stands in line as it is then picked, and what is in a cycle never is", () => {
  fc.assert(
    fc.property(graphs, (all) => {
      const nodes = all.map((one) =>
        one.status === "in_progress" ? { ...one, status: "done" as const } : one,
      );
      const line = lineOf(nodes);
      expect(picks(nodes).map(String)).toEqual(line);
      for (const [key, said] of readinessOf(nodes))
        if (!said.ready && said.code === "dependency_cycle") expect(line).not.toContain(key);
    }),
  );
});
