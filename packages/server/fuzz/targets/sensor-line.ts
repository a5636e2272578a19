import { compileValidator, type SensorDefinition } from "@yardmaster/kernel";
import { createLines } from "../../src/runners/output/lines.ts";
import { MAX_CURSOR_BYTES, readLine } from "../../src/sensors/lines/read-line.ts";
import { type FuzzTarget, must, mustComeBack, wordFor } from "../target.ts";

const SENSOR: SensorDefinition = {
  ref: "p.s",
  process: { kind: "process", script: "", output: "none" },
  config: {},
  events: new Map([
    [
      "p.hot",
      compileValidator({
        type: "object",
        properties: { celsius: { type: "number" }, room: { type: "string", default: "x" } },
        required: ["celsius"],
      }),
    ],
    ["p.beat", compileValidator({ type: "object" })],
  ]),
  packDigest: "",
};
const MAX_BYTES = 4_096;

/** What a sensor prints: the same lines however its bytes come, each an event that can be stored, or refused with a reason. */
export const sensorLineTarget: FuzzTarget = {
  name: "sensor-line",
  seeds: [
    '{"type":"p.hot","data":{"celsius":41.5,"room":"é"},"id":"1","subject":"s","time":"2026-01-31T09:30:00.5+01:00","cursor":{"at":[1,null]}}\n',
    '{"type":"beat","data":{}}\n\n{"cursor":null}\r\n{"type":"hot","data":{"celsius":1}}',
    "reading the thermometer\n[1]\n{}\n",
  ],
  words: [
    "\n",
    "\r\n",
    '"type":"',
    '"p.beat"',
    '"data":',
    '"cursor":',
    '"celsius":',
    '"id":"",',
    '"time":"2026-02-30T00:00:00Z"',
    "\\u0000",
    "\\ud800",
    "1e400",
    '"__proto__":1',
    "x".repeat(500),
    "[[[[",
    "\xff",
  ],
  run(input) {
    const lines = linesOf(input, input.length);
    for (const size of [1, 7])
      must(
        JSON.stringify(linesOf(input, size)) === JSON.stringify(lines),
        "the lines depend on how their bytes come",
        size,
      );
    return lines.slice(0, 4).map(outcomeOf).join(" / ");
  },
};

function linesOf(input: Buffer, size: number): (Buffer | undefined)[] {
  const lines: (Buffer | undefined)[] = [];
  const cutter = createLines((line) => lines.push(line), MAX_BYTES);
  for (let at = 0; at < input.length; at += size) cutter.write(input.subarray(at, at + size));
  cutter.end();
  return lines;
}

function outcomeOf(bytes: Buffer | undefined): string {
  const line = readLine(bytes, SENSOR);
  if (line.kind === "refused") {
    must(line.reason !== "" && line.reason.length < 5_000, "a reason", line.reason);
    must(!line.reason.includes("\n"), "a reason of more than one line", line.reason);
    return wordFor(line.reason);
  }
  if (line.kind === "empty") return "empty";
  if (line.cursor !== undefined) {
    mustComeBack(line.cursor);
    must(JSON.stringify(line.cursor).length <= MAX_CURSOR_BYTES, "a cursor that is too large");
  }
  if (line.kind === "cursor") return "cursor";
  const { event } = line;
  mustComeBack(event);
  must(SENSOR.events.has(event.type), "a type that is not declared", event.type);
  must(event.source === "/sensors/p.s", "another source", event.source);
  must(SENSOR.events.get(event.type)?.validate(event.data).ok === true, "data that does not fit");
  return `event ${Object.keys(event).join()} ${line.cursor !== undefined}`;
}
