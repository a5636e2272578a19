import { onTestFinished } from "vitest";
import type { Config, WrittenConfig } from "../../config/config.ts";
import { checkConfig } from "../../config/config.ts";
import type { Memory } from "../../config/memory.ts";
import { dial } from "../dialing/dial.ts";
import type { LastEnding } from "../ending.ts";
import { createLink, type Link, type LinkTimes } from "../link.ts";
import { createNodeName } from "../node-name.ts";
import { createTokens, type TokenStore } from "../tokens.ts";
import { type FakeServer, startFakeServer } from "./fake-server.ts";
import { createFakeWork, type FakeWork } from "./fake-work.ts";

export const TOKEN = "Yard-Test-Token-0000000000000000000000000_A";

export interface LinkedOptions {
  readonly config?: Partial<WrittenConfig>;
  readonly times?: LinkTimes;
  readonly server?: FakeServer;
  readonly encrypted?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface Linked {
  readonly server: FakeServer;
  readonly link: Link;
  readonly work: FakeWork;
  readonly lines: string[];
  readonly stored: string[];
  readonly encrypted: string[];
  readonly ended: Promise<LastEnding>;
}

export function configOf(server: string, more: Partial<WrittenConfig> = {}): Config {
  const checked = checkConfig({ server, name: "lab-7", token: TOKEN, ...more });
  if ("flaws" in checked) throw new Error(checked.flaws.join("\n"));
  return checked.config;
}

/** A node that is kept connected to a fake server of its own, until the test is over. */
export async function linked(options: LinkedOptions = {}): Promise<Linked> {
  const { times = {}, env = {}, now = Date.now, random = () => 0 } = options;
  const server = options.server ?? (await startFakeServer());
  const config = configOf(server.url, options.config);
  const work = createFakeWork();
  const lines: string[] = [];
  const stored: string[] = [];
  const encrypted = [...(options.encrypted ?? [])];
  const log = (level: string, message: string): void => void lines.push(`${level} ${message}`);
  const store = async (name: string): Promise<void> => void stored.push(`rename ${name}`);
  const link = createLink(
    {
      config,
      tokens: createTokens(config, storeIn(stored)),
      name: createNodeName(config.name, { store, log }),
      memory: memoryIn(encrypted),
      work,
      dial: (signal) => dial(config, { env, signal }),
      nodeInfo: () => ({ type: "node_info", instance_id: "i-1", labels: {}, slots: 4 }),
      log,
      now,
      random,
    },
    times,
  );
  const ended = link.run();
  onTestFinished(async () => {
    await link.stop(0);
    await ended;
    await server.close();
  });
  return { server, link, work, lines, stored, encrypted, ended };
}

function storeIn(stored: string[]): TokenStore {
  return {
    rotate: async (token) => void stored.push(`rotate ${token}`),
    settle: async (token) => void stored.push(`settle ${token}`),
  };
}

function memoryIn(encrypted: string[]): Memory {
  return {
    hasEncrypted: (server) => encrypted.includes(server),
    rememberEncrypted: async (server) => void encrypted.push(server),
  };
}
