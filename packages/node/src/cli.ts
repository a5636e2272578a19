import { main } from "./main.ts";

/** Should something still hold the process when its work is over. */
const LINGER_MS = 2_000;

// `yard` starts us with a channel that closes when it is gone, even killed: what it stood for is stopped with it.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref();

process.exitCode = await main(process.argv.slice(2));
setTimeout(() => process.exit(), LINGER_MS).unref();
