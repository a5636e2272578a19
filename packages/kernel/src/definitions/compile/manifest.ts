import type { DocumentNode } from "../document.ts";
import type { PackDefinition } from "../pack.ts";
import type { Report } from "../problem.ts";
import { type Fields, readFields } from "./fields/fields.ts";
import { checkPackName } from "./fields/names.ts";

export const MANIFEST_KEYS = ["pack", "version", "description", "author", "license", "homepage"];
export const VERSION = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

/** What `pack.yaml` says. */
type Manifest = Pick<PackDefinition, "name" | "version" | "description">;

/** Undefined where the pack has no name that can be used, which is reported. */
export function readManifest(node: DocumentNode | undefined, report: Report): Manifest | undefined {
  const fields = node && readFields(node, "pack.yaml", MANIFEST_KEYS, report);
  const name = fields?.requiredText("pack");
  const version = fields && readVersion(fields, report);
  const description = fields?.text("description");
  if (fields === undefined || name === undefined) return undefined;
  if (!checkPackName(name, fields.get("pack")?.place ?? fields.place, report)) return undefined;
  return { name, version: version ?? "", ...(description === undefined ? {} : { description }) };
}

function readVersion(fields: Fields, report: Report): string | undefined {
  const given = fields.get("version");
  // Of 1 and 1.0, which YAML reads as numbers, quotes alone would make no version.
  const isNumber = given?.kind === "scalar" && typeof given.value === "number";
  const version = isNumber ? String(given.value) : fields.requiredText("version");
  if (version !== undefined && !VERSION.test(version))
    report(
      given?.place ?? fields.place,
      `"${version}" is no version`,
      "write three numbers: 1.0.0",
    );
  return version;
}
