import { resolve } from "node:path";
import { expect, test } from "vitest";
import type { FolderProblems } from "./packs/index.ts";
import { readyMessage } from "./ready-message.ts";
import type { Server } from "./server.ts";
import { readSettings } from "./settings/index.ts";

const HOME = "/var/lib/yardmaster/a1";
const SERVER = {
  api: { url: "http://127.0.0.1:4400", admin: { created: false, token: "t0p", path: "/a/token" } },
  database: { embedded: true, home: HOME },
  packs: { source: { refs: () => [] } },
} as unknown as Server;

const said = (
  dataFolder: string,
  command = "yard",
  problems: FolderProblems[] = [],
  server = SERVER,
) => {
  const settings = { ...readSettings([], {}, "/nowhere"), dataFolder };
  return readyMessage(server, settings, { startedInMs: 12, command, problems });
};

test("says which packs are not taken up, and why: a folder that is not there was a line in the log", () => {
  const place = { line: 1, column: 1 };
  const gone = { file: ".", ...place, message: "there is no such folder" };
  const wrong = { file: "rules/r.yaml", ...place, message: "is wrong" };
  const told = said("/srv/yard", "yard", [
    { folder: "/srv/gone", pack: null, foundAt: "", problems: [gone] },
    { folder: "/srv/shop", pack: "shop", foundAt: "", problems: [wrong, wrong] },
  ]);
  expect(told).toContain(
    [
      "",
      "Not taken up: /srv/gone",
      "  there is no such folder",
      "Not taken up: /srv/shop",
      "  rules/r.yaml:1:1: is wrong, and 1 more",
      "  yard packs",
      "",
    ].join("\n"),
  );
  expect(said("/srv/yard")).not.toContain("Not taken up");
});

test("says how the packs beside it would be loaded, where none was named", () => {
  const settings = readSettings([], {}, "/nowhere");
  const facts = { startedInMs: 12, command: "yard", problems: [] };
  expect(readyMessage(SERVER, settings, { ...facts, leavesPacksHere: true })).toContain(
    "\nNo packs are loaded. Those in packs/ here would be with: yard start --packs packs\n",
  );
  expect(readyMessage(SERVER, settings, facts)).not.toContain("No packs");
});

test("what to try begins with the data folder, where a new terminal would not find it", () => {
  const lines = said("/srv/it's here").split("\n");
  const [first, second] = lines.slice(lines.indexOf("Try:") + 1);
  if (process.platform !== "win32") expect(first).toBe("  export YARD_DATA='/srv/it'\\''s here'");
  expect(second).toMatch(/^ {2}yard run /);
  expect(said(resolve(".yard"))).not.toContain("YARD_DATA");
});

test("what to try is said with the command that is there", () => {
  expect(said("/srv/yard", "npm run -s yard --")).toContain("\n  npm run -s yard -- runs\n");
});

test("says where the admin token is that an earlier start has made, and does not show it again", () => {
  const told = said("/srv/yard");
  expect(told).toContain("Its page asks for the admin token, which is in /a/token.");
  expect(told).not.toContain("t0p");
});

test("says what to do where the installation has an admin token that this data folder does not have", () => {
  const admin = { created: false, token: undefined, path: "/b/token" };
  const carried = { ...SERVER, api: { ...SERVER.api, admin } } as Server;
  expect(said("/srv/yard", "yard", [], carried)).toContain("No admin token of it is in /b/token");
});

test("says where its PostgreSQL is, which is not always the data folder", () => {
  expect(said("/srv/yard")).toContain(`PostgreSQL inside ${HOME})`);
});
