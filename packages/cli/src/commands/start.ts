import { act, type Define } from "../command.ts";
import { PROGRAMS, requireBuilt } from "../programs.ts";
import { givenOnce } from "../run-input.ts";
import { startProgram } from "../start-program.ts";

/** The server has the same flags, and judges their values itself. */
export const define: Define = (command, host) => {
  command
    .option(
      "--roles <list>",
      "which of api, worker and scheduler this process is (default: all)",
      givenOnce,
    )
    .option("--host <address>", "the address that the API listens on (YARD_HOST, 127.0.0.1)")
    .option("--port <n>", "the port of the API; 0 picks a free one (YARD_PORT, 4400)")
    .option("--data <folder>", "the data folder (YARD_DATA, .yard)")
    .option("--packs <folders>", "folders of packs, separated by : (YARD_PACKS)", givenOnce);
  act<StartOptions>(command, host, async ({ options, io }) => {
    requireBuilt(PROGRAMS.server);
    return startProgram(PROGRAMS.server.launcher, {
      args: flagsOf(options),
      io,
      what: "the server",
    });
  });
};

type StartOptions = Partial<Record<"roles" | "host" | "port" | "data" | "packs", string>>;

function flagsOf({ roles, host, port, data, packs }: StartOptions): string[] {
  const given = Object.entries({ roles, host, port, data, packs });
  return given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}
