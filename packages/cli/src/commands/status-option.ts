import { type Command, Option } from "commander";

export interface StatusOption<Status extends string> {
  readonly status?: Status;
}

/** `--status` of lists that have no end to page towards: of rules, queues, sensors, packs. */
export function withStatus(command: Command, statuses: readonly string[]): Command {
  return command.addOption(new Option("--status <status>", "only those").choices(statuses));
}
