import { main } from "./main.ts";

/** Should something still hold the process when its work is over. */
const LINGER_MS = 2_000;

process.exitCode = await main(process.argv.slice(2));
setTimeout(() => process.exit(), LINGER_MS).unref();
