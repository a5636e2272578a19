import { randomBytes } from "node:crypto";
import type { Source } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import { type Command, Option } from "commander";
import { act, type Call, type Define, defaultList } from "../command.ts";
import type { Io } from "../io.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { readSecret, type SecretOptions } from "../read-secret.ts";

interface SecretChoice extends SecretOptions {
  readonly generateSecret?: true;
}

interface CreateOptions extends SecretChoice {
  readonly kind: string;
}

interface RotateOptions extends SecretChoice {
  readonly previousFor: string;
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
    .requiredOption(
      "--kind <kind>",
      "what sends: gitea, forgejo, github, or generic for Standard Webhooks",
    );
  act<CreateOptions>(withSecret(create), host, createSource);

  const show = command.command("show").description("show a source").argument("<name>");
  act(show, host, async ({ args, connect, out, io }) => {
    const source = await (await connect()).sources.get(args[0] as string);
    out.value(source, () => out.lines(...sourceLines(source, io.now())));
  });

  const rotate = command
    .command("rotate")
    .description("give a source a new secret; the one before goes on for a while")
    .argument("<name>")
    .option("--previous-for <duration>", "how long the one before goes on: 24h, 0s", "24h");
  act<RotateOptions>(withSecret(rotate), host, rotateSecret);

  const remove = command
    .command("delete")
    .alias("remove")
    .description("delete a source; its deliveries and events stay")
    .argument("<name>");
  act(remove, host, async ({ args, connect, out }) => {
    const name = args[0] as string;
    await (await connect()).sources.remove(name);
    out.value({ name, status: "deleted" }, () => out.lines(`Deleted ${name}.`));
  });
};

/** Where a secret comes from. */
function withSecret(command: Command): Command {
  command
    .option("--secret-env <variable>", "take the secret from this variable of yard's environment")
    .option("--secret-file <path>", "take it from a file; - is stdin")
    .addOption(
      new Option("--generate-secret", "make one, and show it this once").conflicts([
        "secretEnv",
        "secretFile",
      ]),
    );
  command.options.find((option) => option.long === "--secret-file")?.conflicts("secretEnv");
  return command;
}

async function createSource({
  args,
  options,
  connect,
  out,
  io,
}: Call<CreateOptions>): Promise<void> {
  const { secret, generated } = await chosenSecret(options, async () => options.kind, io);
  const body = {
    name: args[0] as string,
    kind: options.kind,
    ...(secret === undefined ? {} : { secret }),
  };
  const source = await (await connect()).sources.create(body);
  showWithSecret(source, generated, out, io);
}

async function rotateSecret({
  args,
  options,
  connect,
  out,
  io,
}: Call<RotateOptions>): Promise<void> {
  const name = args[0] as string;
  const kindOf = async () => (await (await connect()).sources.get(name)).kind;
  const { secret, generated } = await chosenSecret(options, kindOf, io);
  if (secret === undefined)
    throw new AppError(
      "invalid_request",
      "No secret was given: add --generate-secret, --secret-env or --secret-file",
    );
  const body = { secret, previous_valid_for: options.previousFor };
  const source = await (await connect()).sources.rotate(name, body);
  showWithSecret(source, generated, out, io);
}

async function chosenSecret(
  options: SecretChoice,
  kindOf: () => Promise<string>,
  io: Io,
): Promise<{ readonly secret: string | undefined; readonly generated: string | undefined }> {
  const generated = options.generateSecret ? newSecret(await kindOf()) : undefined;
  const secret = generated ?? (await readSecret(options, io));
  if (secret === "")
    throw new AppError("invalid_request", "The secret is empty; a sender could not sign with it");
  return { secret, generated };
}

/** As the senders of a kind write their secrets: Standard Webhooks sign with the bytes, the forges with the text. */
function newSecret(kind: string): string {
  const bytes = randomBytes(32);
  return kind === "generic" ? `whsec_${bytes.toString("base64")}` : bytes.toString("hex");
}

function showWithSecret(source: Source, secret: string | undefined, out: Output, io: Io): void {
  out.value(secret === undefined ? source : { ...source, secret }, () =>
    out.lines(
      ...sourceLines(source, io.now()),
      ...(secret === undefined
        ? []
        : [`secret   ${secret}   (shown this once: give it to the sender)`]),
    ),
  );
}

function sourceLines(source: Source, nowMs: number): string[] {
  const { name, kind, status, reason, webhook_path, origin } = source;
  const { previous_secret_until: until, refused } = source;
  return [
    `Source ${name} is ${status}${reason === null ? "" : `: ${printable(reason)}`}`,
    `kind     ${printable(kind)}, from ${printable(origin)}`,
    ...(webhook_path === null ? [] : [`webhook  ${webhook_path}`]),
    ...(until ? [`rotated  the secret before the last rotation is taken too, until ${until}`] : []),
    ...(refused
      ? [
          `refused  ${refused.count}, the last ${relativeTime(refused.last_at, nowMs)}: ${printable(refused.last_reason)}`,
        ]
      : []),
  ];
}
