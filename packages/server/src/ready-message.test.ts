import { expect, test } from "vitest";
import { readyMessage } from "./ready-message.ts";
import type { Server } from "./server.ts";
import type { Settings } from "./settings/index.ts";

const SETTINGS = { dataFolder: "/srv/yard", roles: ["worker"] } as unknown as Settings;

test.each([
  [
    "where it lies",
    { embedded: true, home: "/var/lib/yardmaster/1f" },
    "in /var/lib/yardmaster/1f",
  ],
  ["its setting", { embedded: false, home: undefined }, "at DATABASE_URL"],
])("a server that stands names of its PostgreSQL %s", (_, database, place) => {
  const server = { api: undefined, database } as unknown as Server;
  expect(readyMessage(server, SETTINGS, 1)).toBe(`Yardmaster worker joined (PostgreSQL ${place}).`);
});
