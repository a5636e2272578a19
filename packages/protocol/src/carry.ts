/** What `yard db` asks of the program that carries an installation. `target`: the address of a database, or `embedded`. */
export type CarryRequest =
  | { readonly task: "move" | "copy"; readonly target: string }
  | { readonly task: "reopen" };

export interface Carried {
  /** Names of databases, without passwords. */
  readonly from: string;
  readonly to: string;
  readonly tables: number;
  readonly rows: number;
  readonly durationMs: number;
}

/** A line of its answer, as JSON: the tables one after the other, then what came of it. */
export type CarryLine =
  | { readonly table: string; readonly rows: number }
  | CarryOutcome
  | { readonly error: { readonly code: string; readonly message: string } };

export interface CarryOutcome {
  readonly carried?: Carried;
  /** Where an installation had gone that was opened again, and when (RFC 3339); null: it had not. */
  readonly reopened?: { readonly to: string; readonly at: string } | null;
}
