import { arch, platform } from "node:os";
import { CAPABILITIES, type Capability } from "@yardmaster/protocol/node";
import type { Config } from "../config/config.ts";

/** The names that base clients use, so that labels and lists say one thing for one machine. */
const PLATFORMS: Readonly<Record<string, string>> = { win32: "windows", sunos: "solaris" };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

export function platformName(name: string = platform()): string {
  return PLATFORMS[name] ?? name;
}

export function archName(name: string = arch()): string {
  return ARCHITECTURES[name] ?? name;
}

const OF_EXEC: readonly Capability[] = [
  ...(["exec", "exec_chunk", "exec_strict", "stream", "input", "cancel", "reset"] as const),
];
const OF_FILES: readonly Capability[] = ["files"];

/** What a node offers: what its owner does not allow is not even offered. */
export function offeredCapabilities({ allow }: Pick<Config, "allow">): Capability[] {
  const withheld = new Set<Capability>([
    ...(allow.exec ? [] : OF_EXEC),
    ...(allow.read ? [] : (["read"] as const)),
    ...(allow.write ? [] : (["write"] as const)),
    ...(allow.read || allow.write ? [] : OF_FILES),
    ...(allow.jobs ? [] : (["task"] as const)),
  ]);
  return CAPABILITIES.filter((token) => !withheld.has(token));
}
