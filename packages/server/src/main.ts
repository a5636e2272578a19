import { existsSync } from "node:fs";
import { AppError, ERRORS, isAppError } from "@yardmaster/protocol";
import { passwordOf } from "./db/index.ts";
import { keepHeapSmall } from "./heap.ts";
import { readyMessage } from "./ready-message.ts";
import { type Server, startServer } from "./server.ts";
import { readSettings, type Settings } from "./settings/index.ts";
import { createLogger, type Logger } from "./telemetry/index.ts";

/** Signals by which a server is asked to stop; Ctrl-C reaches it from the terminal and from `yard` as well. */
const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
/** One press of Ctrl-C comes from the terminal, and again from the `yard` that started us. */
const SAME_WISH_MS = 500;

await main();

async function main(): Promise<void> {
  keepHeapSmall();
  const settings = settingsOrExit();
  const log = createLogger({
    level: settings.logLevel,
    secrets: secretsOf(settings),
    isTerminal: process.stderr.isTTY === true,
  });
  process.on("unhandledRejection", (error) =>
    log.error({ err: error }, "a failure that nobody took care of"),
  );
  // Whoever started it may read no more, or the disk may be full: no reason to leave PostgreSQL behind.
  process.stdout.on("error", (error) =>
    log.warn({ err: error }, "what is told on stdout cannot be written"),
  );
  const halt = new AbortController();
  const starting = startServer(settings, log, { signal: halt.signal });
  // From the first moment: a signal that came while it starts must not leave PostgreSQL behind.
  stopOnSignal(starting, halt, log);
  try {
    const server = await starting;
    const told = {
      startedInMs: performance.now() - setUpMs(),
      command: commandOf(process.env),
      // Not worth a start that fails, should the database be away just now.
      problems: await server.packs.problems().catch(() => []),
      leavesPacksHere: settings.packFolders.length === 0 && existsSync("packs"),
    };
    process.stdout.write(`${readyMessage(server, settings, told)}\n`);
  } catch (error) {
    if (error === halt.signal.reason) {
      log.info({}, "stopped");
      process.exit(0);
    }
    exitWith(error);
  }
}

function exitWith(error: unknown): never {
  if (!isAppError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(ERRORS[error.code].exit);
}

/** How long this process had installed and built before it began with the server: `npm start` leaves a mark. */
function setUpMs(): number {
  return performance.getEntriesByName("yardmaster set up", "mark").at(-1)?.startTime ?? 0;
}

/** How `yard` is called by who started us: with `npm start` in a checkout no command of that name need be there. */
function commandOf(env: NodeJS.ProcessEnv): string {
  return env["npm_package_name"] === "yardmaster" ? "npm run -s yard --" : "yard";
}

/** What is known of secrets at the start; the log holds none of them, whoever quotes one. */
function secretsOf(settings: Settings): (string | undefined)[] {
  const { adminToken, masterKey, databaseUrl, traces } = settings;
  const password = databaseUrl === undefined ? undefined : passwordOf(databaseUrl);
  const headers = Object.values(traces?.headers ?? {});
  return [adminToken, masterKey, databaseUrl, password, ...headers];
}

function settingsOrExit(): Settings {
  try {
    return readSettings(process.argv.slice(2), process.env, process.cwd());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(ERRORS.invalid_setting.exit);
  }
}

/**
 * The first signal stops the server in order, once it stands, and a start that waits for PostgreSQL; a later one is for
 * those who will not wait.
 */
function stopOnSignal(starting: Promise<Server>, halt: AbortController, log: Logger): void {
  const haste = new AbortController();
  let stoppingSinceMs: number | undefined;
  const stop = (signal: string): void => {
    if (stoppingSinceMs !== undefined) return;
    stoppingSinceMs = performance.now();
    log.info({ signal }, "stopping; a second signal breaks off what still runs then");
    halt.abort(new AppError("unavailable", "It was told to stop while it started"));
    void starting.then((server) =>
      server.close(haste.signal).then(() => {
        log.info({}, "stopped");
        process.exit(0);
      }, exitWith),
    );
  };
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      const sinceMs = stoppingSinceMs;
      if (sinceMs === undefined) stop(signal);
      else if (performance.now() - sinceMs >= SAME_WISH_MS) haste.abort();
    });
  }
  // `yard` starts us with a channel that closes when it is gone, even killed: nobody would stop us after that. It may
  // have gone of the same Ctrl-C, so that this is no second wish.
  process.once("disconnect", () => stop("disconnect"));
  process.channel?.unref();
}
