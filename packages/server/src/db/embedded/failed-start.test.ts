import { expect, test } from "vitest";
import { diskFull, mayPass } from "./failed-start.ts";

const KILLED = `2026-11-28 20:21:08.028 UTC [9906] FATAL:  the database system is not yet accepting connections
2026-11-28 20:21:08.028 UTC [9906] DETAIL:  Consistent recovery state has not been yet reached.
2026-11-28 20:21:08.042 UTC [9912] FATAL:  terminating connection due to unexpected postmaster exit`;

test.each([
  ["killed before it said anything", "", true],
  ["killed while it replayed its log", KILLED, true],
  ["kept out by what a killed one left", 'FATAL:  lock file "postmaster.pid" already exists', true],
  ["in want of memory", `${KILLED}\nFATAL:  could not map anonymous shared memory`, false],
  ["set wrongly", 'FATAL:  unrecognized configuration parameter "colour"', false],
])("a PostgreSQL %s is started again where that may help", (_what, said, expected) => {
  expect(mayPass(said)).toBe(expected);
});

test.each([
  'FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device\nchild process exited with exit code 1',
  'initdb: error: could not write file "/x/PG_VERSION": Disk quota exceeded',
])("a PostgreSQL that found no room says where, and what to do: %s", (said) => {
  expect(diskFull(said, "/srv/yard/postgres")).toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(
      /^PostgreSQL has no room where \/srv\/yard\/postgres lies: make room there, or set YARD_DATA .* \(could not write .*(device|exceeded)\)\.$/,
    ),
  });
  expect(diskFull(KILLED, "/srv")).toBeUndefined();
});
