import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { type Client, createClient } from "@yardmaster/sdk";

const CHECKOUT = resolve(import.meta.dirname, "..");
/** The admin token of each server here. */
export const TOKEN = "yard_page_test_0123456789abcdef";

export interface Server {
  readonly url: string;
  readonly child: ChildProcess;
  readonly client: Client;
  stop(): Promise<void>;
}

/** The files of packs, by the pack's name and then their path in it. */
export type PackFiles = { readonly [pack: string]: { readonly [path: string]: string } };

export function writePacks(folder: string, packs: PackFiles): void {
  for (const [pack, files] of Object.entries(packs))
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, "packs", pack, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
}

/** A server of its own on a free port, with the packs of the folder beside the examples, and a client of it. */
export async function startServer(folder: string, name: string): Promise<Server> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([key]) => !key.startsWith("YARD_") && key !== "DATABASE_URL",
    ),
  );
  const child = spawn(process.execPath, [join(CHECKOUT, "packages/server/dist/yard-server.mjs")], {
    cwd: folder,
    env: {
      ...env,
      YARD_DATA: name,
      YARD_PORT: "0",
      YARD_PACKS: [join(CHECKOUT, "packs"), join(folder, "packs")].join(delimiter),
      YARD_ADMIN_TOKEN: TOKEN,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  let said = "";
  const url = await new Promise<string>((found, fail) => {
    const look = (text: string): void => {
      said += text;
      const address = /listens on (http:\S+)/.exec(said)?.[1];
      if (address !== undefined) found(address);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", look);
    void ended.then(() => fail(new Error(`the server did not start: ${said}`)));
  });
  const client = createClient({ url, token: TOKEN });
  const { database } = await client.status();
  return {
    url,
    child,
    client,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      // As root the cluster lies outside the data folder.
      rmSync(database.place, { recursive: true, force: true });
    },
  };
}
