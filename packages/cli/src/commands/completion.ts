import { Argument } from "commander";
import { act, type Define } from "../command.ts";
import { OFFERED, type Offered } from "../completion/offered.ts";
import { completionScript, SHELLS, type Shell } from "../completion/shells.ts";

/** Longer a person does not wait for a key that was pressed. */
const OFFER_MS = 300;

export const define: Define = (command, host) => {
  command
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText(
      "after",
      "\nTo load it: source <(yard completion bash), or the same for zsh; yard completion fish | source\nRuns, refs, nodes, queues, … are offered as the server has them, where it answers within 300 ms.",
    );
  act(command, host, async ({ args, io }) => {
    io.stdout.write(completionScript(args[0] as Shell, await host.tree()));
  });
  const offer = command
    .command("offer", { hidden: true })
    .description("what the server has of a kind, for the scripts above")
    .addArgument(new Argument("<kind>", "of what").choices(OFFERED));
  act(offer, host, async ({ args, io, connect }) => {
    const { liveOffers } = await import("../completion/live-offers.ts");
    try {
      const client = await connect();
      const offers = await liveOffers(client, args[0] as Offered, AbortSignal.timeout(OFFER_MS));
      io.stdout.write(offers.map(({ word, about }) => `${word}\t${about}\n`).join(""));
    } catch {
      // Whoever presses Tab asked for no server: none, a slow one and one that refuses offer nothing.
    }
  });
};
