import { appendFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

const { ledger, ticks } = JSON.parse(await text(process.stdin));
appendFileSync(ledger, `begin ${process.pid}\n`);
for (let tick = 1; tick <= ticks; tick++) {
  console.error(`tick ${tick}`);
  appendFileSync(ledger, `tick ${tick}\n`);
  await delay(300);
}
appendFileSync(ledger, "end\n");
console.log(JSON.stringify({ ticks }));
