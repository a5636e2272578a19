import { checkInstallation } from "./without-server.ts";

// What can be said of an installation whose server does not run: `yard doctor` starts this then. One line of JSON.
const line = `${JSON.stringify(await checkInstallation(process.env, process.cwd()))}\n`;
// A database that never lets go of a connection must not hold whoever waits for the answer.
process.stdout.write(line, () => process.exit(0));
