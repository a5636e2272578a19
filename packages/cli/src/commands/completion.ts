import { Argument } from "commander";
import { act, type Define } from "../command.ts";
import { completionScript, SHELLS, type Shell } from "../completion/shells.ts";

export const define: Define = (command, host) => {
  command
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText(
      "after",
      "\nTo load it: source <(yard completion bash), or the same for zsh; yard completion fish | source",
    );
  act(command, host, async ({ args, io }) => {
    io.stdout.write(completionScript(args[0] as Shell, await host.tree()));
  });
};
