import type { ActionDefinition, SecretPlace } from "@yardmaster/kernel";
import type { SecretUse } from "@yardmaster/protocol";
import type { Packs } from "../packs/index.ts";

/** What names a secret, and which. */
export type NamedSecret = Omit<SecretUse, "allowed"> & { readonly secret: string };

/** Everything in the active packs that names a secret, in the order of their names. */
export function secretUses(packs: ReturnType<Packs["active"]>): NamedSecret[] {
  const uses = packs.flatMap(({ definition }) => [
    ...[...definition.actions.values()].flatMap((action) =>
      ofAction(action).map((use) => ({ ...use, pack: definition.name })),
    ),
    ...definition.sources.flatMap(({ name, secret }) =>
      stored(secret).map((one) => ({
        ...{ kind: "source" as const, ref: name, pack: definition.name },
        secret: one,
      })),
    ),
  ]);
  return uses.sort((a, b) => (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0));
}

function ofAction({ ref, secrets = [], runner }: ActionDefinition): Omit<NamedSecret, "pack">[] {
  const named = secrets.map((secret) => ({ kind: "action" as const, ref, secret }));
  if (runner.kind !== "agent") return named;
  return stored(runner.profile.key).map((secret) => ({ kind: "agent" as const, ref, secret }));
}

function stored(place: SecretPlace | undefined): string[] {
  return place !== undefined && "secret" in place ? [place.secret] : [];
}
