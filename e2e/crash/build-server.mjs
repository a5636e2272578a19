import { buildProgram } from "../../scripts/build-programs.mjs";
import { CRASH_SERVER } from "../../scripts/setup-state.mjs";

await buildProgram(CRASH_SERVER);
