import { isIP } from "node:net";
import { isInRanges, isPublicAddress, rangesOf } from "./address.ts";

/** Which addresses requests may go to: the public Internet, and what the setting names beyond it. */
export interface AllowList {
  /** `host` is as the URL has it, `address` what it leads to now. */
  allows(host: string, port: number, address: string): boolean;
}

const NAME =
  /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

interface Entry {
  readonly port: number | undefined;
  matches(host: string, address: string): boolean;
}

/** What is wrong with one entry of `YARD_HTTP_ALLOW`; undefined where nothing is. */
export function allowEntryFlaw(text: string): string | undefined {
  if (readEntry(text) !== undefined) return undefined;
  return `"${text}" is no host, address or range; write for example gitea.internal, *.corp.test, localhost:3000 or 10.0.0.0/8`;
}

/** @throws where `allowEntryFlaw` finds one, which the settings have told before */
export function createAllowList(texts: readonly string[]): AllowList {
  const entries = texts.map((text) => {
    const entry = readEntry(text);
    if (entry === undefined) throw new Error(allowEntryFlaw(text));
    return entry;
  });
  return {
    allows(host, port, address) {
      if (isIP(address) === 0) return false;
      if (isPublicAddress(address)) return true;
      const name = host.toLowerCase().replace(/\.$/, "");
      return entries.some(
        (entry) =>
          (entry.port === undefined || entry.port === port) && entry.matches(name, address),
      );
    },
  };
}

/** `host`, `*.host`, address, each with a port where wanted (`[::1]:80`), or a range. */
function readEntry(text: string): Entry | undefined {
  if (text.includes("/")) return readRange(text);
  const [, bracketed, plain = text, digits] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const host = (bracketed ?? plain).toLowerCase();
  if (isIP(host) !== 0) {
    const ranges = rangesOf([host]);
    return { port, matches: (_host, address) => isInRanges(ranges, address) };
  }
  if (bracketed !== undefined || !NAME.test(host)) return undefined;
  if (!host.startsWith("*.")) return { port, matches: (name) => name === host };
  const suffix = host.slice(1);
  return { port, matches: (name) => name.endsWith(suffix) && name.length > suffix.length };
}

function readRange(text: string): Entry | undefined {
  const [address = "", bits = "", ...more] = text.split("/");
  const family = isIP(address);
  const longest = family === 4 ? 32 : 128;
  if (family === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > longest)
    return undefined;
  const ranges = rangesOf([text]);
  return { port: undefined, matches: (_host, address) => isInRanges(ranges, address) };
}
