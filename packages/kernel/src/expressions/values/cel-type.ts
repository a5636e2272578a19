import { type Kind, kindName } from "./values.ts";

/** What is known of a value when an expression is loaded. */
export type Type =
  /** Known only when evaluated. `inner` is what it is when it is not null. */
  | { readonly kind: "dyn"; readonly inner?: Type }
  | { readonly kind: Exclude<Kind, "list" | "map"> }
  | { readonly kind: "list"; readonly item: Type }
  | { readonly kind: "map"; readonly value: Type }
  | RecordType;

/** An object whose fields are declared. `rest` is the type of any other field; without it there are none. */
export interface RecordType {
  readonly kind: "record";
  readonly names: readonly string[];
  field(name: string): Type | undefined;
  readonly rest?: Type;
}

export const DYN: Type = { kind: "dyn" };
export const NULL: Type = { kind: "null" };
export const BOOL: Type = { kind: "bool" };
export const INT: Type = { kind: "int" };
export const DOUBLE: Type = { kind: "double" };
export const STRING: Type = { kind: "string" };
export const BYTES: Type = { kind: "bytes" };
export const DURATION: Type = { kind: "duration" };
export const TIMESTAMP: Type = { kind: "timestamp" };
export const MAP: Type = { kind: "map", value: DYN };

export function listOf(item: Type): Type {
  return { kind: "list", item };
}

export function nullable(type: Type): Type {
  return type.kind === "dyn" || type.kind === "null" ? type : { kind: "dyn", inner: type };
}

/** The type without the null that it may also be: what its fields and items are looked up in. */
export function withoutNull(type: Type): Type {
  return type.kind === "dyn" && type.inner !== undefined ? type.inner : type;
}

/** The kind that values of this type have, or undefined where that is known only when evaluated. */
export function kindOfType(type: Type): Kind | undefined {
  if (type.kind === "dyn") return undefined;
  return type.kind === "record" ? "map" : type.kind;
}

export function isNumber(type: Type): boolean {
  return type.kind === "int" || type.kind === "double";
}

/** What either of two values is. */
export function unify(a: Type, b: Type): Type {
  if (a === b) return a;
  if (a.kind === "null") return nullable(b);
  if (b.kind === "null") return nullable(a);
  if (isNumber(a) && isNumber(b)) return a.kind === b.kind ? a : DOUBLE;
  if (a.kind === "list" && b.kind === "list") return listOf(unify(a.item, b.item));
  if (a.kind === "map" && b.kind === "map") return { kind: "map", value: unify(a.value, b.value) };
  return a.kind === b.kind && a.kind !== "record" && a.kind !== "dyn" ? a : DYN;
}

export function typeName(type: Type): string {
  const inner = withoutNull(type);
  if (inner !== type) return `${typeName(inner)} or null`;
  const kind = kindOfType(type);
  return kind === undefined ? "a value of any kind" : kindName(kind);
}
