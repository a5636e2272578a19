// The input is one JSON value on stdin. What goes to stdout is the output; stderr is for people, and goes to the log.
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

const { name, delay } = JSON.parse(await text(process.stdin));
console.error(`greeting ${name}`);
await sleep(milliseconds(delay));
console.log(JSON.stringify({ greeting: `Hello, ${name}!`, letters: [...name].length }));

/** Durations come as people write them: 500ms, 2s, 1m30s. */
function milliseconds(duration) {
  const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const parts = [...duration.matchAll(/([\d.]+)(ms|s|m|h)/g)];
  return parts.reduce((total, [, amount, unit]) => total + Number(amount) * units[unit], 0);
}
