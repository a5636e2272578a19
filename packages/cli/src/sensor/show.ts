import type { Sensor } from "@yardmaster/protocol";
import type { Output } from "../output/output.ts";
import { printable, printableOutput } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";

export function showSensor(sensor: Sensor, { lines, paint }: Output, nowMs: number): void {
  const { ref, status, reason, description, last_exit } = sensor;
  const about = description === null ? "" : `  ${printable(description)}`;
  lines(
    `${paint.strong(printable(ref))}  ${statusWord(status, paint)}${about}`,
    `  ${printable(reason)}`,
    ...factsOf(sensor, nowMs).map(([name, value]) => `  ${name.padEnd(11)}${printable(value)}`),
  );
  const last = last_exit?.stderr.trimEnd() ?? "";
  if (last === "") return;
  lines(
    "  what it wrote last:",
    ...last.split("\n").map((line) => paint.faint(`    ${printableOutput(line)}`)),
  );
}

function factsOf(sensor: Sensor, nowMs: number): [string, string][] {
  const { last_exit, next_start_at, paused_by } = sensor;
  const facts: [string, string | null][] = [
    ["sends", sensor.events.join(", ")],
    ["process", processText(sensor, nowMs)],
    ["worker", sensor.worker],
    ["stored", storedText(sensor, nowMs)],
    ["refused", sensor.refused === 0 ? null : linesText(sensor.refused)],
    ["paused by", paused_by],
    ["failures", sensor.failures === 0 ? null : `${sensor.failures} in a row`],
    ["last exit", last_exit && `${exitText(last_exit)}, ${relativeTime(last_exit.at, nowMs)}`],
    ["next start", next_start_at && relativeTime(next_start_at, nowMs)],
    ["cursor", sensor.cursor === null ? null : cursorText(sensor.cursor)],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}

function processText({ pid, started_at }: Sensor, nowMs: number): string | null {
  if (pid === null) return null;
  return started_at === null ? `${pid}` : `${pid}, started ${relativeTime(started_at, nowMs)}`;
}

function storedText({ stored, last_event_at }: Sensor, nowMs: number): string {
  const last = last_event_at === null ? "" : `, the last ${relativeTime(last_event_at, nowMs)}`;
  return `${stored} ${stored === 1 ? "event" : "events"}${last}`;
}

function linesText(count: number): string {
  return `${count} ${count === 1 ? "line" : "lines"}: its log says why`;
}

function exitText({ code, signal }: NonNullable<Sensor["last_exit"]>): string {
  if (signal !== null) return `signal ${signal}`;
  return code === null ? "it never began" : `code ${code}`;
}

/** A cursor may have 64 KiB, which nobody reads on a screen. */
const CURSOR_SHOWN = 200;

function cursorText(cursor: unknown): string {
  const json = JSON.stringify(cursor);
  if (json.length <= CURSOR_SHOWN) return json;
  return `${json.slice(0, CURSOR_SHOWN)}… (${json.length} characters, all with --json)`;
}
