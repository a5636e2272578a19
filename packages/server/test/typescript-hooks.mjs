import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transformSync } from "rolldown/utils";

/** Module hooks: our packages are what their sources are, without their types. */
export function resolve(specifier, context, next) {
  return next(specifier, { ...context, conditions: ["source", ...context.conditions] });
}

export async function load(url, context, next) {
  if (!url.endsWith(".ts")) return await next(url, context);
  const path = fileURLToPath(url);
  const { code, errors } = transformSync(path, await readFile(path, "utf8"));
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  return { format: "module", source: code, shortCircuit: true };
}
