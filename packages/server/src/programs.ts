import { AppError } from "@yardmaster/protocol";
import { type Database, ensureOpenFolder, postgresOwner } from "./db/index.ts";
import { type RunAs, readRunAs } from "./runners/index.ts";
import type { Settings } from "./settings/index.ts";

/** Whom programs of runs are run as (undefined: as we are), and the folder of their code and their work. */
export interface Programs {
  readonly runAs: RunAs | undefined;
  readonly folder: string;
}

/**
 * Nobody else may enter a data folder: programs of another user have a folder below /var/lib.
 * @throws AppError `invalid_setting` where they cannot be run so
 */
export function placePrograms({
  runAs,
  dataFolder,
}: Pick<Settings, "runAs" | "dataFolder">): Programs {
  const user = runAs === undefined ? undefined : readRunAs(runAs);
  if (user === undefined) return { runAs: undefined, folder: dataFolder };
  return { runAs: user, folder: ensureOpenFolder(dataFolder, "programs") };
}

/** PostgreSQL's own user reads every table, past every token. @throws AppError `invalid_setting` */
export function requireApartFromPostgres(
  { runAs }: Programs,
  { home }: Pick<Database, "home">,
): void {
  if (runAs === undefined || home === undefined || postgresOwner(home) !== runAs.uid) return;
  const what =
    "YARD_RUN_AS: PostgreSQL runs as that user here, so that programs could read all of it.";
  throw new AppError(
    "invalid_setting",
    `${what} Name another, such as one made by: useradd --system yard-runs`,
  );
}
