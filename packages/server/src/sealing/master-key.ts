import { hkdfSync, randomBytes } from "node:crypto";
import { linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError, failureCode } from "@yardmaster/protocol";

export const MASTER_KEY_FILE = "master.key";
const KEY_BYTES = 32;

/**
 * The key under which stored secrets are sealed: the text of `YARD_MASTER_KEY` where it is set (several machines
 * share one), else the file `master.key` of the data folder, which is made (0600) when it is not there.
 * @throws AppError `invalid_setting` when it is not 32 bytes in hex or base64.
 */
export function loadMasterKey(dataFolder: string, fromSetting?: string): Buffer {
  if (fromSetting !== undefined) return masterKeyFromText(fromSetting, "YARD_MASTER_KEY");
  const path = join(dataFolder, MASTER_KEY_FILE);
  const text = read(path) ?? create(path);
  return masterKeyFromText(text, path);
}

/** As `loadMasterKey`, but none is made: undefined where there is none yet. */
export function findMasterKey(dataFolder: string, fromSetting?: string): Buffer | undefined {
  const path = join(dataFolder, MASTER_KEY_FILE);
  const text = fromSetting ?? read(path);
  const where = fromSetting === undefined ? path : "YARD_MASTER_KEY";
  return text === undefined ? undefined : masterKeyFromText(text, where);
}

/** What is wrong with the text of a key. */
export function masterKeyFlaw(text: string): string | undefined {
  return bytesOf(text).length === KEY_BYTES
    ? undefined
    : `is not a key: give ${KEY_BYTES} random bytes in hex or base64 (openssl rand -hex ${KEY_BYTES})`;
}

function masterKeyFromText(text: string, where: string): Buffer {
  const flaw = masterKeyFlaw(text);
  if (flaw !== undefined) throw new AppError("invalid_setting", `${where} ${flaw}`);
  return bytesOf(text);
}

function bytesOf(text: string): Buffer {
  const trimmed = text.trim();
  return Buffer.from(trimmed, /^[0-9a-fA-F]{64}$/.test(trimmed) ? "hex" : "base64");
}

/** A key for one purpose, the same in every process that has the master key: it tells nothing of that one. */
export function derivedKey(masterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", masterKey, "", `yardmaster ${purpose}`, KEY_BYTES));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (failureCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Two processes may come here at once: the link fails for the second, which takes the key of the first. */
function create(path: string): string {
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  writeFileSync(draft, `${randomBytes(KEY_BYTES).toString("base64")}\n`, {
    mode: 0o600,
    flag: "wx",
    flush: true,
  });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (failureCode(error) !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
  return readFileSync(path, "utf8");
}
