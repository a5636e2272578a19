import { resolve } from "node:path";
import { packLibrary } from "./sdk/pack.mjs";
import { ensureInstalled } from "./setup.mjs";

// npm run pack:sdk [-- FOLDER]: the client library as one file that `npm install` takes, in this folder or that one.
await ensureInstalled();
console.log(await packLibrary(resolve(process.argv[2] ?? ".")));
