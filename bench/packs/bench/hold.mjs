// Writes one line per attempt into an outside ledger. The first attempt of a key then holds on, so
// that its worker can be killed under it; the next one ends at once.
import { appendFileSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

const HOLD_MS = 60_000;
const { ledger, key } = JSON.parse(await text(process.stdin));
const isFirst = !readFileSync(ledger, "utf8").includes(`${key} `);
appendFileSync(ledger, `${key} ${process.pid} ${Date.now()}\n`);
if (isFirst) setTimeout(() => {}, HOLD_MS);
