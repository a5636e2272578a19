// Packages as they lie in this folder's node_modules; some do not export their package.json.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export function folderOf(name) {
  return fileURLToPath(new URL(`node_modules/${name}`, import.meta.url));
}

export function versionOf(name) {
  return JSON.parse(readFileSync(`${folderOf(name)}/package.json`, "utf8")).version;
}
