import { randomBytes } from "node:crypto";
import type { Source } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import { Option } from "commander";
import { act, type Call, type Define, defaultList } from "../command.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { readSecret } from "../read-secret.ts";

interface CreateOptions {
  readonly kind: string;
  readonly secretEnv?: string;
  readonly secretFile?: string;
  readonly generateSecret?: true;
}

export const define: Define = (command, host) => {
  act(defaultList(command, "list sources"), host, async ({ connect, out, io }) => {
    await out.list((await connect()).sources.list(), {
      headings: ["NAME", "KIND", "STATUS", "WEBHOOK", "FROM", "CREATED", "WHY"],
      row: (source) => [
        source.name,
        source.kind,
        statusWord(source.status, out.paint),
        source.webhook_path ?? "",
        source.origin,
        source.created_at === null ? "" : relativeTime(source.created_at, io.now()),
        printable(source.reason ?? ""),
      ],
      empty: "No sources. Create one: yard sources create NAME --kind gitea --generate-secret",
    });
  });

  const create = command
    .command("create")
    .description("create a source, with the secret that its sender signs with")
    .argument("<name>")
    .requiredOption("--kind <kind>", "what sends: gitea, …")
    .option("--secret-env <variable>", "take the secret from this variable of yard's environment")
    .option("--secret-file <path>", "take it from a file; - is stdin")
    .addOption(
      new Option("--generate-secret", "make one, and show it this once").conflicts([
        "secretEnv",
        "secretFile",
      ]),
    );
  create.options.find((option) => option.long === "--secret-file")?.conflicts("secretEnv");
  act<CreateOptions>(create, host, createSource);
};

async function createSource({
  args,
  options,
  connect,
  out,
  io,
}: Call<CreateOptions>): Promise<void> {
  const generated = options.generateSecret ? randomBytes(32).toString("hex") : undefined;
  const secret = generated ?? (await readSecret(options, io));
  if (secret === "")
    throw new AppError("invalid_request", "The secret is empty; a sender could not sign with it");
  const body = {
    name: args[0] as string,
    kind: options.kind,
    ...(secret === undefined ? {} : { secret }),
  };
  const source = await (await connect()).sources.create(body);
  out.value(generated === undefined ? source : { ...source, secret: generated }, () =>
    out.lines(...createdLines(source, generated)),
  );
}

function createdLines(
  { name, status, reason, webhook_path }: Source,
  secret: string | undefined,
): string[] {
  return [
    `Source ${name} is ${status}${reason === null ? "" : `: ${printable(reason)}`}`,
    ...(webhook_path === null ? [] : [`webhook  ${webhook_path}`]),
    ...(secret === undefined
      ? []
      : [`secret   ${secret}   (shown this once: give it to the sender)`]),
  ];
}
