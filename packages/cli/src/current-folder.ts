import { AppError } from "@yardmaster/protocol/core";

/** @throws AppError `invalid_setting` where it was deleted, as by an upgrade that puts another in its place. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    const what = "The current folder is not there any more";
    const wayOut = "go to one that is (`cd` to the same path will do, if it was made again)";
    throw new AppError("invalid_setting", `${what}: ${wayOut}.`, { cause });
  }
}
