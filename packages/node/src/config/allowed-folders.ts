import { stat } from "node:fs/promises";
import { AppError } from "@yardmaster/protocol/core";
import type { Config } from "./config.ts";
import { messageOf } from "./owner-only.ts";

/** Why an entry of `allowed_paths` that is there cannot be one: a file is replaced in its folder, which is not allowed. */
export async function entryFlaw(path: string): Promise<string | undefined> {
  if ((await stat(path)).isDirectory()) return undefined;
  return `allowed_paths: ${path} is no folder; list the folder that it is in`;
}

/** A line for each entry that is not there, or cannot be looked at. */
export async function missingFolders({
  allowed_paths,
}: Pick<Config, "allowed_paths">): Promise<string[]> {
  const looks = allowed_paths.map((path) =>
    stat(path).then(
      () => undefined,
      (error: unknown) => `allowed_paths: ${path} allows nothing yet (${messageOf(error)})`,
    ),
  );
  return (await Promise.all(looks)).filter((line) => line !== undefined);
}

/** A line for each entry that is no folder. What is not there (yet) is left alone: it allows nothing. */
export async function fileFlaws({ allowed_paths }: Config): Promise<string[]> {
  const looks = allowed_paths.map((entry) => entryFlaw(entry).catch(() => undefined));
  return (await Promise.all(looks)).filter((flaw) => flaw !== undefined);
}

/** @throws AppError `invalid_setting`, naming every entry that is no folder */
export async function refuseFiles(path: string, config: Config): Promise<void> {
  const flaws = await fileFlaws(config);
  if (flaws.length === 0) return;
  const errors = flaws.map((message) => ({ path, message }));
  const lines = flaws.map((flaw) => `  ${flaw}`).join("\n");
  throw new AppError("invalid_setting", `${path} is not valid:\n${lines}`, { errors });
}
