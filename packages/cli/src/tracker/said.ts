import type { ChangeTracker, CreateTracker } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import { type Command, Option } from "commander";
import type { Io } from "../io.ts";
import { readSecret, type SecretOptions } from "../read-secret.ts";
import { readValue } from "../secret/read-value.ts";

/** What a tracker can be given on the command line, at its making and later. */
export interface SaidOptions {
  readonly url?: string;
  readonly source?: string;
  readonly project?: readonly string[];
  readonly bot?: string;
  readonly every?: string;
  readonly tokenEnv?: string;
  readonly tokenFile?: string;
  readonly tokenAt?: string;
}

export function withSaid(command: Command): Command {
  command
    .option("--url <url>", "where its API is; of GitHub itself nothing need be said")
    .option("--source <source>", "the source that its webhooks come to")
    .option("--project <project...>", "projects, as owner/repo")
    .option("--bot <login>", "the account that issues are assigned to, and that the token is of")
    .option("--every <duration>", "how often it is asked what has changed: 10s to 24h")
    .option("--token-env <variable>", "take the token from this variable of yard's environment")
    .option("--token-file <path>", "take it from a file; - is stdin")
    .addOption(
      new Option(
        "--token-at <place>",
        "where the server finds it: secret:NAME, env:NAME or file:PATH",
      ).conflicts(["tokenEnv", "tokenFile"]),
    );
  command.options.find((option) => option.long === "--token-file")?.conflicts("tokenEnv");
  return command;
}

/** The token that was named; asked for, or read from stdin, where `isNeeded` and none was. */
export async function chosenToken(
  name: string,
  { tokenEnv, tokenFile, tokenAt }: SaidOptions,
  { io, isNeeded }: { readonly io: Io; readonly isNeeded: boolean },
): Promise<CreateTracker["token"] | undefined> {
  if (tokenAt !== undefined) return placeOf(tokenAt);
  const given: SecretOptions = {
    ...(tokenEnv === undefined ? {} : { secretEnv: tokenEnv }),
    ...(tokenFile === undefined ? {} : { secretFile: tokenFile }),
  };
  const value = await readSecret(given, io);
  if (value !== undefined) return { value: value.trim() };
  if (!isNeeded) return undefined;
  return { value: (await readValue(`the token of ${name}`, undefined, io)).trim() };
}

function placeOf(text: string): CreateTracker["token"] {
  const [, kind, place] = /^(secret|env|file):(.+)$/.exec(text) ?? [];
  if (place !== undefined && kind === "secret") return { secret: place };
  if (place !== undefined && kind === "env") return { env: place };
  if (place !== undefined && kind === "file") return { file: place };
  throw new AppError(
    "invalid_request",
    `--token-at: "${text}" is no place of a token: write secret:NAME, env:NAME or file:PATH`,
  );
}

/** The options that were given, as the API has them. */
export function saidOf({ url, source, project, bot, every }: SaidOptions): ChangeTracker {
  return {
    ...(url !== undefined && { url }),
    ...(source !== undefined && { source }),
    ...(project !== undefined && { projects: [...project] }),
    ...(bot !== undefined && { bot: bot === "" ? null : bot }),
    ...(every !== undefined && { poll_interval: every }),
  };
}
