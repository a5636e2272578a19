import type { KeyObject } from "node:crypto";
import type { WorkError } from "@yardmaster/protocol";
import { coalesced, type PackSource } from "../../packs/index.ts";
import type { Rules } from "../../rules/index.ts";
import type { Sealer } from "../../sealing/index.ts";
import type { ReadSecretPlace } from "../../secrets/index.ts";
import { type SourceKind, sourceKinds } from "../kinds/index.ts";
import type { SigningSecret } from "../signatures/signature.ts";
import type { IssueWatch } from "../webhooks/issue-watch.ts";
import type { SourceRow } from "./sources.store.ts";

/** A source with all that a delivery is checked by, in memory. */
export interface ActiveSource {
  readonly id: string | null;
  readonly name: string;
  readonly kind: SourceKind | undefined;
  readonly kindName: string;
  /** `pack:<name>` where a pack's file defines it. */
  readonly origin: "api" | `pack:${string}`;
  readonly secrets: readonly SigningSecret[];
  /** What is missing before it takes deliveries. */
  readonly reason: string | null;
  readonly createdAt: string | null;
}

export interface SourceBook {
  find(name: string): ActiveSource | undefined;
  all(): readonly ActiveSource[];
  /** The revision of the definitions as of which, or before which, these are the sources. */
  revision(): number | undefined;
  /** Reads all sources as they are after the call began. Calls at the same time share the work. */
  refresh(): Promise<void>;
}

export interface SourceBookDeps {
  readonly rules: Pick<Rules, "refresh" | "revision">;
  readonly readSources: () => Promise<readonly SourceRow[]>;
  readonly packSources: () => readonly PackSource[];
  readonly readSecret: ReadSecretPlace;
  readonly sealer: Sealer;
  /** Who watches what comes to them. */
  readonly watch?: Pick<IssueWatch, "refresh"> | undefined;
}

/** Where a secret of a source is sealed for. */
export function secretPlace(secretId: string): string {
  return `source_secret:${secretId}`;
}

export function createSourceBook(deps: SourceBookDeps): SourceBook {
  const { rules, readSources, packSources, readSecret, sealer, watch } = deps;
  let sources: ReadonlyMap<string, ActiveSource> = new Map();
  let revision: number | undefined;

  async function refresh(): Promise<void> {
    await rules.refresh();
    const before = rules.revision();
    await watch?.refresh();
    const made = (await readSources()).map((row) => openSource(row, sealer));
    const defined = await Promise.all(
      packSources().map((definition) => packSource(definition, readSecret)),
    );
    // What a pack's file says wins over what the API made under the same name.
    sources = new Map([...made, ...defined].map((source) => [source.name, source]));
    revision = before;
  }

  return {
    find: (name) => sources.get(name),
    all: () => [...sources.values()],
    revision: () => revision,
    refresh: coalesced(refresh),
  };
}

function openSource(row: SourceRow, sealer: Sealer): ActiveSource {
  const secrets = row.secrets.flatMap(({ id, sealed, retires_at }): SigningSecret[] => {
    const text = sealer.open(sealed, secretPlace(id));
    const key = text === undefined ? undefined : keyOf(row.kind, text);
    const retiresAtMs = retires_at === null ? undefined : Date.parse(retires_at);
    return key === undefined || "problem" in key
      ? []
      : [{ label: `secret:${id}`, key, retiresAtMs }];
  });
  const lost = row.secrets.length > secrets.length;
  const unset = lost
    ? "its secret was sealed with another master key: rotate it"
    : "no secret is set: rotate it to set one";
  return source(
    row.name,
    row.kind,
    { id: row.id, origin: "api", createdAt: row.created_at, secrets },
    unset,
  );
}

async function packSource(
  definition: PackSource,
  readSecret: SourceBookDeps["readSecret"],
): Promise<ActiveSource> {
  const place = Object.entries(definition.secret)[0]?.join(":") ?? "";
  const found = await readSecret(definition.secret, definition.pack);
  const text = typeof found === "object" ? undefined : found;
  const key = text === undefined || text === "" ? undefined : keyOf(definition.kind, text);
  const isUsable = key !== undefined && !("problem" in key);
  const secrets = isUsable ? [{ label: place, key, retiresAtMs: undefined }] : [];
  const unset = whyUnset(found, isUsable ? undefined : key, { kind: definition.kind, place });
  const rest = { id: null, origin: `pack:${definition.pack}` as const, createdAt: null, secrets };
  return source(definition.name, definition.kind, rest, unset);
}

/** `key` has what is wrong with a text that is set. */
function whyUnset(
  found: string | undefined | WorkError,
  key: { readonly problem: string } | undefined,
  { kind, place }: { readonly kind: string; readonly place: string },
): string {
  if (typeof found === "object") return found.message;
  if (key === undefined) return `nothing is set at ${place}`;
  return `what is set at ${place} is no secret of a ${kind} source: ${key.problem}`;
}

function source(
  name: string,
  kindName: string,
  rest: Pick<ActiveSource, "id" | "origin" | "createdAt" | "secrets">,
  unset: string,
): ActiveSource {
  const kind = sourceKinds.get(kindName);
  const reason =
    kind === undefined
      ? `this build does not know the kind ${kindName}`
      : rest.secrets.length === 0
        ? unset
        : null;
  return { name, kindName, kind, reason, ...rest };
}

/** The key that a secret's text stands for; of kinds that this build does not know none is used. */
function keyOf(kind: string, text: string): KeyObject | { readonly problem: string } | undefined {
  return sourceKinds.get(kind)?.signature.readKey(text);
}
