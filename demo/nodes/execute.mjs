import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { span } from "../screen.mjs";

const COPIED_BYTES = 3 * 1024 * 1024;

export async function execute(stage) {
  const { screen, check, yard } = stage;
  screen.title("Execute: commands, as if they ran here");
  const script = "echo built on $(uname -s); echo one warning >&2; exit 7";
  const { code, stdout, stderr } = await yard.show([
    "node",
    "exec",
    "forge",
    "--",
    "sh",
    "-c",
    script,
  ]);
  check(
    "both streams come apart",
    () => stdout.startsWith("built on ") && stderr === "one warning\n",
  );
  check("the exit code is the command's", () => code === 7);
  await remembers(stage);
  await files(stage);
}

/** Calls of one shell session follow one another. */
async function remembers({ screen, client, check, machines, signal }) {
  const { files } = machines.forge;
  const exec = (command) => client.nodes.exec("forge", { command }, { signal });
  await exec(`cd ${files} && export STAGE=second`);
  const { stdout, duration_ms } = await exec('echo "$STAGE in $PWD"');
  const text = stdout.trim().replace(files, "the folder");
  screen.field("shell", `the next call still is ${text}; took ${span(duration_ms)}`);
  check("a shell session keeps directory and environment", () => stdout === `second in ${files}\n`);
}

async function files({ screen, client, check, machines, yard, signal }) {
  const { forge, lab } = machines;
  const path = join(forge.files, "notes/today.txt");
  const content_b64 = Buffer.from("written from afar\n").toString("base64");
  await client.nodes.write("forge", { path, content_b64, mkdirs: true }, { signal });
  const read = await client.nodes.read("forge", { path }, { signal });
  check("what is written is there, and read back", () => {
    return read.content_b64 === content_b64 && readFileSync(path, "utf8") === "written from afar\n";
  });
  const refused = await failureOf(
    client.nodes.read("forge", { path: "/etc/hostname" }, { signal }),
  );
  screen.field(
    "files",
    `${read.size_bytes} bytes written and read; /etc/hostname: ${refused.code}`,
  );
  check("the node itself refuses what its owner did not allow", () => {
    return refused.code === "path_not_allowed";
  });
  await copy({ check, yard, from: forge, to: lab });
}

/** From one machine to another, by way of this one. */
async function copy({ check, yard, from, to }) {
  const bytes = randomBytes(COPIED_BYTES);
  writeFileSync(join(from.files, "model.bin"), bytes);
  const [source, target] = [from, to].map(({ name, files }) => `${name}:${files}/model.bin`);
  await yard.show(["node", "cp", source, target]);
  check("a file went from forge to lab, byte for byte", () => {
    return readFileSync(join(to.files, "model.bin")).equals(bytes);
  });
}

/** The error that a call ends with. @throws Error where it does not fail */
export async function failureOf(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error("what should have failed has not");
}
