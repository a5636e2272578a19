import type { TakeSpans } from "../../engine/index.ts";
import type { TraceSettings } from "../../settings/index.ts";

export interface Traces {
  readonly take: TakeSpans;
  readonly counters: {
    readonly exported: number;
    readonly dropped: { readonly [reason: string]: number };
  };
  /** Sends what is left, within `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export interface OpenTracesDeps {
  readonly version: string;
  readonly log: {
    warn(details: object, message: string): void;
    info(details: object, message: string): void;
  };
  /** For the test that nothing is loaded where nothing is traced. */
  readonly load?: () => Promise<typeof import("./tracing.ts")>;
}

/** Nothing is made, nor loaded, where there is no collector. */
export async function openTraces(
  settings: TraceSettings | undefined,
  { version, log, load = () => import("./tracing.ts") }: OpenTracesDeps,
): Promise<Traces | undefined> {
  if (settings === undefined) return undefined;
  const { createTracing } = await load();
  // Without its query: some collectors want their key there.
  const { origin, pathname } = new URL(settings.url);
  log.info({ collector: origin + pathname }, "traces are handed to a collector");
  return createTracing({ ...settings, version }, log);
}
