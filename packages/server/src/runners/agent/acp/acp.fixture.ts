import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AgentProfile, type AgentSpec, compileTemplate } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import { setUp } from "../../attempt.fixture.ts";
import type { AttemptContext } from "../../runner.ts";
import { type AgentRunnerDeps, createAgentRunner } from "../agent.ts";

export const OFFICIAL = fileURLToPath(new URL("official.fixture.mjs", import.meta.url));
const HOSTILE = fileURLToPath(new URL("hostile.fixture.mjs", import.meta.url));

export interface Asking {
  readonly env?: { readonly [name: string]: string };
  readonly request?: { readonly [name: string]: Json };
  readonly profile?: Partial<AgentProfile>;
  readonly spec?: Partial<AgentSpec>;
  readonly context?: Partial<AttemptContext>;
  readonly deps?: Partial<AgentRunnerDeps>;
}

/** Attempts of agents that speak the protocol: the official package's, and one that does not keep to it. */
export function setUpAcp() {
  const here = setUp();

  function ask(prompt: string, asking: Asking = {}, program = OFFICIAL) {
    const { env = {}, request = {}, profile, spec, context, deps } = asking;
    const template = compileTemplate({ prompt, ...request }, { variables: {} });
    if (!template.ok) throw new Error(JSON.stringify(template.errors));
    const runner = createAgentRunner({
      processes: here.runner,
      now: Date.now,
      resultLimitBytes: 1_000_000,
      logLimitBytes: 1_000_000,
      ...deps,
    });
    const whole: AgentSpec = {
      kind: "agent",
      profile: {
        kind: "acp",
        command: [process.execPath, program],
        permissions: "read",
        silenceMs: 20_000,
        env,
        ...profile,
      },
      request: template.value,
      ...spec,
    };
    return runner.run(whole, here.context({ input: {}, ...context }));
  }

  return {
    ...here,
    ask,
    /** One that does not keep to the protocol. */
    suffer: (does: string, { env, ...asking }: Asking = {}) =>
      ask("do it", { env: { ACP_DOES: does, ...env }, ...asking }, HOSTILE),
    /** What it was asked, by method. */
    asked: (folder = here.work) =>
      JSON.parse(readFileSync(join(folder, "asked.json"), "utf8")) as {
        method: string;
        params: { [name: string]: Json };
        key?: string;
      }[],
  };
}
