import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  Client,
  type ClientOptions,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import type { Scope } from "@yardmaster/protocol";
import { type Server, startServer } from "../src/server.ts";
import { readSettings } from "../src/settings/index.ts";
import { createLogger } from "../src/telemetry/index.ts";
import { createTestDatabase } from "./test-database.ts";

const ADMIN = "chosen-by-automation-7";

export interface McpApi {
  readonly url: string;
  readonly admin: string;
  /** Lines of the log at level warn and above. */
  readonly failures: string[];
  /** Asks the HTTP API as the administrator. */
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is what it checks.
  ask(method: string, path: string, body?: object): Promise<{ status: number; body: any }>;
  token(name: string, scopes: readonly Scope[]): Promise<{ id: string; token: string }>;
  /** Writes a file of the pack `lab` and loads it. */
  define(file: string, text: string): Promise<void>;
  /** The same installation in a process of its own, at the same address, as after a restart. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A whole server with a pack `lab`, whose `/mcp` is asked over a socket. */
export async function startMcpApi(files: Readonly<Record<string, string>>): Promise<McpApi> {
  const db = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "yard-mcp-"));
  const pack = join(folder, "packs/lab");
  const failures: string[] = [];
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(pack, file)), { recursive: true });
    writeFileSync(join(pack, file), text);
  };
  write("pack.yaml", "pack: lab\nversion: 1.0.0\n");
  for (const [file, text] of Object.entries(files)) write(file, text);

  const start = (port: string): Promise<Server> => {
    const settings = readSettings(
      [],
      {
        DATABASE_URL: db.url,
        YARD_DATA: join(folder, "data"),
        YARD_PACKS: join(folder, "packs"),
        YARD_PORT: port,
        YARD_ADMIN_TOKEN: ADMIN,
      },
      folder,
    );
    const log = createLogger({ level: "warn", write: (line) => failures.push(line) });
    return startServer(settings, log);
  };
  let server = await start("0");
  const url = server.api?.url ?? "";

  async function ask(method: string, path: string, body?: object) {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN}`,
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  return {
    ...{ url, admin: ADMIN, failures, ask },
    async token(name, scopes) {
      const { body } = await ask("POST", "/v1/tokens", { name, scopes });
      return body;
    },
    async define(file, text) {
      write(file, text);
      await ask("POST", "/v1/packs/reload", {});
    },
    async restart() {
      await server.close();
      server = await start(new URL(url).port);
    },
    async close() {
      await server.close();
      await db.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Revision = "2025-11-25" | "2026-07-28";

/** A client as agents have it, in one of the revisions of the protocol that are spoken today. */
export async function connectMcp(
  url: string,
  token: string,
  revision: Revision = "2025-11-25",
  listChanged?: NonNullable<ClientOptions["listChanged"]>,
): Promise<Client> {
  const mode = revision === "2025-11-25" ? "legacy" : { pin: revision };
  const client = new Client(
    { name: "test", version: "1" },
    {
      versionNegotiation: { mode },
      ...(listChanged !== undefined && { listChanged }),
    },
  );
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  return client;
}

/** What a tool says in words. */
export function textOf({ content }: { readonly content: unknown }): string {
  return (content as { readonly text: string }[]).map(({ text }) => text).join("\n");
}

/** What a tool gives as data. */
// biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is what it checks.
export function dataOf({ structuredContent }: { readonly structuredContent?: unknown }): any {
  return structuredContent;
}
