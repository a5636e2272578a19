import { open } from "node:fs/promises";
import { AppError, type FieldError } from "@yardmaster/protocol/core";
import { type Config, checkConfig, type WrittenConfig } from "./config.ts";
import { exposureOf, messageOf, writeOwnerFile } from "./owner-only.ts";

/**
 * The configuration of a node. Refuses a file that others may read, one that is not there, and one that is wrong,
 * naming every field. Throws `AppError`: not_found, forbidden or invalid_setting.
 */
export async function readConfig(path: string): Promise<Config> {
  return checkedConfig(path, await readJson(path));
}

/** The same as it was written, without what it leaves open. */
export async function readWritten(path: string): Promise<WrittenConfig> {
  const value = await readJson(path);
  checkedConfig(path, value);
  return value as WrittenConfig;
}

function checkedConfig(path: string, value: unknown): Config {
  const checked = checkConfig(value);
  if ("config" in checked) return checked.config;
  const errors: FieldError[] = checked.flaws.map((message) => ({ path, message }));
  const lines = checked.flaws.map((flaw) => `  ${flaw}`).join("\n");
  throw new AppError("invalid_setting", `${path} is not valid:\n${lines}`, { errors });
}

async function readJson(path: string): Promise<unknown> {
  const text = await readOwnerFile(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_setting", `${path} is no JSON: ${messageOf(cause)}`, { cause });
  }
}

/** The rights are those of the file that is read, not of one put there in between. */
async function readOwnerFile(path: string): Promise<string> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw notReadable(path, cause);
  });
  try {
    const exposure = exposureOf(path, await file.stat());
    if (exposure !== undefined) throw new AppError("forbidden", exposure);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

function notReadable(path: string, cause: unknown): AppError {
  const isAbsent = (cause as NodeJS.ErrnoException).code === "ENOENT";
  return isAbsent
    ? new AppError("not_found", `this machine is not paired (no ${path}); run: yard-node pair`)
    : new AppError("forbidden", `${path} cannot be read: ${messageOf(cause)}`, { cause });
}

export async function writeConfig(path: string, config: WrittenConfig): Promise<void> {
  await writeOwnerFile(path, `${JSON.stringify(config, undefined, 2)}\n`);
}

/** What a running node changes of its configuration; all else stays as its owner has written it. */
export interface ConfigChanges {
  /** Puts a new token in, and keeps the one before. */
  rotate(token: string): Promise<void>;
  /** Keeps the token that a login was made with, and no other. */
  settle(token: string): Promise<void>;
  rename(name: string): Promise<void>;
}

/** One after the other: each reads what the one before has written, and none is lost. */
export function createConfigChanges(path: string): ConfigChanges {
  let last: Promise<unknown> = Promise.resolve();

  function change(changed: (written: WrittenConfig) => WrittenConfig): Promise<void> {
    const done = last.then(async () => {
      await writeConfig(path, changed((await readJson(path)) as WrittenConfig));
    });
    last = done.catch(() => {});
    return done;
  }

  return {
    rotate: (token) => change((written) => ({ ...written, token, previous_token: written.token })),
    settle: (token) => change(({ previous_token: _, ...written }) => ({ ...written, token })),
    rename: (name) => change((written) => ({ ...written, name })),
  };
}
