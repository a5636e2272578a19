import { appendFileSync, existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

const MOST = 500;

const { ledger } = JSON.parse(await text(process.stdin));
appendFileSync(ledger, `begin ${process.pid}\n`);
let ticks = 0;
while (!existsSync(`${ledger}.enough`) && ticks < MOST) {
  ticks++;
  console.error(`tick ${ticks}`);
  appendFileSync(ledger, `tick ${ticks}\n`);
  await delay(200);
}
appendFileSync(ledger, "end\n");
console.log(JSON.stringify({ ticks }));
