import { expect, test, vi } from "vitest";
import { createClosers } from "./closers.ts";

function setUp() {
  const warn = vi.fn();
  return { closers: createClosers({ warn }, 500), warn };
}

test("parts are closed in the opposite order, each after the one before", async () => {
  const { closers } = setUp();
  const said: string[] = [];
  for (const name of ["database", "engine", "api"])
    closers.add(async () => {
      said.push(`${name} begins`);
      await Promise.resolve();
      said.push(`${name} is closed`);
    });
  await closers.closeAll();
  expect(said).toEqual(
    ["api", "engine", "database"].flatMap((name) => [`${name} begins`, `${name} is closed`]),
  );
});

test("a part that does not close in order is told, and keeps no other from its turn", async () => {
  const { closers, warn } = setUp();
  const database = vi.fn(async () => {});
  const failure = new Error("the engine is stuck");
  closers.add(database);
  closers.add(() => Promise.reject(failure));
  await closers.closeAll();
  expect(database).toHaveBeenCalledOnce();
  expect(warn).toHaveBeenCalledWith({ err: failure }, expect.stringContaining("did not stop"));
});

test("whoever works has the grace, and none from haste on", async () => {
  const { closers } = setUp();
  const haste = new AbortController();
  const graces: number[] = [];
  closers.add(async (graceMs) => graces.push(graceMs));
  closers.add(async (graceMs) => {
    graces.push(graceMs);
    haste.abort();
  });
  await closers.closeAll(haste.signal);
  expect(graces).toEqual([500, 0]);
});
