/*
 * Code blocks of the pages, as tests take them. A block whose first line is a comment with a path (`# packs/x/pack.yaml`,
 * `// packs/x/code/y.mjs`) is that file. A block ```sh run is run, and a block ```output after it is what it prints.
 */

const FENCE = /^```([^\n`]*)\n([\s\S]*?)^```[ \t]*$/gm;
/** The first line of a block that is a file. */
export const PATH_LINE = /^(?:#|\/\/) ((?:[\w.-]+\/)+[\w.-]+|[\w-]+\.ya?ml)[ \t]*\n/;

/** All blocks of a page, in order: `{ info, text, file?, line }`. */
export function codeBlocks(markdown) {
  return [...markdown.matchAll(FENCE)].map((match) => {
    const [, info = "", text = ""] = match;
    const file = info.startsWith("sh") ? undefined : PATH_LINE.exec(text)?.[1];
    const line = markdown.slice(0, match.index).split("\n").length;
    return { info: info.trim(), text, line, ...(file === undefined ? {} : { file }) };
  });
}

/** The files of a page by their paths; of a path that comes twice the later text, for a page may change a file. */
export function filesOf(markdown) {
  const named = codeBlocks(markdown).filter((block) => block.file !== undefined);
  return Object.fromEntries(named.map((block) => [block.file, block.text]));
}

/** What is run, in order, each with the output that the page shows; undefined where it shows none. */
export function commandsOf(markdown) {
  const blocks = codeBlocks(markdown);
  return blocks.flatMap((block, index) => {
    if (block.info !== "sh run") return [];
    const next = blocks[index + 1];
    const output = next?.info === "output" ? next.text : undefined;
    return [{ text: block.text, line: block.line, ...(output === undefined ? {} : { output }) }];
  });
}

const MOVING = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID"],
  [/\b\d{1,3}(?:\.\d+)?(?:ms|s)\b/g, "TIME"],
  [/\bnow\b|\b\d+ ?[smh] ago\b/g, "WHEN"],
];

/**
 * Whether what was printed is what the page shows. Ids, durations and ages may differ, spaces count as one, and `…` on
 * the page stands for anything: within a line, or for lines where it is one.
 */
export function fits(shown, printed) {
  const lines = settled(shown).map((line) =>
    line === "…" ? "(?:[^\\n]*\\n)*?" : `${line.split("…").map(quoted).join("[^\\n]*")}\\n`,
  );
  return new RegExp(`^${lines.join("")}$`).test(`${settled(printed).join("\n")}\n`);
}

function settled(text) {
  let result = text.replaceAll(/[ \t]+/g, " ");
  for (const [pattern, word] of MOVING) result = result.replaceAll(pattern, word);
  return result
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function quoted(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
