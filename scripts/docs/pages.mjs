import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The order of the navigation. Pages of a folder that are not named come after the named ones, by name. */
const SECTIONS = [
  { title: "Start", pages: ["index", "first-pack", "concepts"] },
  {
    title: "How to",
    folder: "how-to",
    pages: [
      "webhooks",
      "sensors",
      "retries-and-timeouts",
      "inputs-and-outputs",
      "fan-out",
      "cleanup-and-undo",
      "sub-workflows",
      "questions",
      "http-requests",
      "mcp",
      "agents",
      "queues-and-order",
      "testing-rules",
      "schedules",
      "sending-again",
      "workers",
      "nodes",
      "runs-on-nodes",
      "client-library",
      "mcp-server",
      "backup-and-upgrade",
      "monitoring",
    ],
  },
  {
    title: "Reference",
    folder: "reference",
    root: ["definitions", "expressions", "http-requests", "processes", "nodes", "limits"],
    pages: [],
  },
  { title: "Decisions", folder: "decisions", pages: [] },
];

/**
 * Every page below the folder of the docs, by section: `{ title, pages: [{ path, title, markdown }] }`. A path has no
 * extension. Pages at the top that no section names belong to the reference.
 */
export function readPages(folder) {
  const top = pagesIn(folder, "");
  const named = SECTIONS.flatMap((section) =>
    section.folder ? (section.root ?? []) : section.pages,
  );
  const others = top.filter((path) => !named.includes(path));
  return SECTIONS.map((section) => {
    const own = section.folder
      ? [
          ...ordered(pagesIn(folder, section.folder), section),
          ...(section.root === undefined ? [] : [...section.root, ...others]),
        ]
      : section.pages;
    return {
      title: section.title,
      pages: own
        .filter((path) => top.includes(path) || path.includes("/"))
        .map((path) => readPage(folder, path)),
    };
  }).filter((section) => section.pages.length > 0);
}

function ordered(paths, { folder, pages }) {
  const first = pages.map((page) => `${folder}/${page}`).filter((path) => paths.includes(path));
  return [...first, ...paths.filter((path) => !first.includes(path))];
}

function pagesIn(folder, name) {
  if (!existsSync(join(folder, name))) return [];
  const entries = readdirSync(join(folder, name), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => `${name === "" ? "" : `${name}/`}${entry.name.slice(0, -3)}`)
    .sort();
}

function readPage(folder, path) {
  const markdown = readFileSync(join(folder, `${path}.md`), "utf8");
  const title = /^# (.+)$/m.exec(markdown)?.[1]?.replaceAll(/[`*]/g, "") ?? path;
  return { path, title, markdown };
}
