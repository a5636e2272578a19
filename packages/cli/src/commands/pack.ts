import { existsSync } from "node:fs";
import { lstat, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AppError } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import { act, type Define, type Host } from "../command.ts";
import { ask } from "../offline/ask.ts";
import { packReport } from "../offline/pack-report.ts";

const FOUND_PROBLEMS = 1;

export const define: Define = (command, host) => {
  defineCheck(command, host);
  defineInit(command, host);
};

function defineCheck(command: Command, host: Host): void {
  const check = command
    .command("check")
    .description("compile packs as a server would, without one, and show all that is wrong")
    .argument("[folder...]", "packs, or folders of packs (default: the pack around, else packs/)")
    .addHelpText(
      "after",
      "\nExits with 0 where nothing is wrong, 1 where something is, 3 where there is no pack. A warning is no error: it\ntells what would not start on this machine, and workers may have it.",
    );
  act(check, host, async ({ rest, io, out }) => {
    const folders = rest.length > 0 ? rest.map((one) => resolve(io.cwd, one)) : [around(io.cwd)];
    const { packs, unreadable } = await ask("check", folders);
    const [missing] = unreadable;
    if (missing !== undefined)
      throw new AppError("not_found", `${missing.folder}: ${missing.message}`);
    if (packs.length === 0) throw noPack(folders);
    for (const pack of packs) {
      const lines = out.isJson ? [] : await packReport(pack, out, { cwd: io.cwd, read: sourceOf });
      out.value(pack, () => out.lines(...lines));
    }
    return packs.some((pack) => pack.errors.length > 0) ? FOUND_PROBLEMS : 0;
  });
}

/** What code frames show. Of what is no file (a pipe, a link to a device) nothing: reading it may never end. */
async function sourceOf(path: string): Promise<string> {
  try {
    return (await lstat(path)).isFile() ? await readFile(path, "utf8") : "";
  } catch {
    return "";
  }
}

/** The pack that a folder is in, else the folder `packs` in it, else itself. */
function around(cwd: string): string {
  for (let at = cwd; ; at = dirname(at)) {
    if (existsSync(join(at, "pack.yaml"))) return at;
    if (at === dirname(at)) break;
  }
  return existsSync(join(cwd, "packs")) ? join(cwd, "packs") : cwd;
}

function noPack(folders: readonly string[]): AppError {
  const where = folders.join(", ");
  const hint = "a pack is a folder with a pack.yaml; `yard pack init FOLDER` makes one";
  return new AppError("not_found", `There is no pack in ${where}: ${hint}`);
}

function defineInit(command: Command, host: Host): void {
  const init = command
    .command("init")
    .description("make a first pack: an action, a workflow and a rule, with schemas for editors")
    .argument("<folder>", "the folder to make; its last part is the name of the pack");
  act(init, host, async ({ args, io, out }) => {
    const { makePack } = await import("../offline/make-pack.ts");
    const { name, folder, files } = await makePack(resolve(io.cwd, args[0] as string));
    out.value({ pack: name, folder, files }, () =>
      out.lines(
        `Made the pack ${out.paint.strong(name)} in ${folder}:`,
        ...files.map((file) => `  ${file}`),
        "",
        `  yard pack check ${args[0]}`,
        `  yard start --packs ${args[0]}`,
        `  yard run ${name}.greet 'people=["Ada","Grace"]' --wait 20`,
      ),
    );
  });
}
