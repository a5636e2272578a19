import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { span } from "../screen.mjs";

const PROGRAM = resolve(import.meta.dirname, "../../packages/cli/bin/yard.js");

/** The command line, as a person types it; it finds the server by the data folder. */
export function createYard({ screen, installation, signal }) {
  async function run(args) {
    const started = performance.now();
    const options = { env: { ...installation.env, NO_COLOR: "1" }, signal };
    const ended = await new Promise((done) => {
      const child = execFile(process.execPath, [PROGRAM, ...args], options, (_, stdout, stderr) =>
        done({ code: child.exitCode, stdout, stderr }),
      );
    });
    signal.throwIfAborted();
    return { ...ended, ms: performance.now() - started };
  }

  /** Shows the command, what it printed and its exit code; paths without the folder of the installation. */
  async function show(args) {
    const ended = await run(args);
    const hide = (text) => text.replaceAll(installation.folder, "");
    screen.line(hide(`${screen.paint.faint("$")} yard ${args.map(quoted).join(" ")}`));
    for (const text of [ended.stdout, ended.stderr])
      for (const line of hide(text).trimEnd().split("\n"))
        if (line !== "") screen.line(`  ${line}`);
    const code = ended.code === 0 ? "" : `exit code ${ended.code}, `;
    screen.line(screen.paint.faint(`  ${code}in ${span(ended.ms)}`));
    return ended;
  }
  return { run, show };
}

function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
