import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { METRICS, type MetricKind, type MetricName } from "./catalog.ts";

type Kinds = typeof METRICS;
type NameOf<Type extends MetricKind["type"]> = {
  [Name in MetricName]: Kinds[Name]["type"] extends Type ? Name : never;
}[MetricName];
type LabelOf<Name extends MetricName> = keyof Kinds[Name]["labels"] & string;

/** Makes metrics as the catalog has them. `collect` runs at each scrape, for what is cheaper to read than to keep. */
export function registering(registry: Registry) {
  const options = (name: MetricName) => ({
    name,
    help: METRICS[name].help,
    labelNames: Object.keys(METRICS[name].labels),
    registers: [registry],
  });
  return {
    counter<Name extends NameOf<"counter">>(
      name: Name,
      collect?: (metric: Counter<LabelOf<Name>>) => void,
    ): Counter<LabelOf<Name>> {
      const metric = new Counter({
        ...options(name),
        ...(collect && {
          collect() {
            metric.reset();
            collect(metric);
          },
        }),
      }) as Counter<LabelOf<Name>>;
      return metric;
    },
    gauge<Name extends NameOf<"gauge">>(
      name: Name,
      collect?: (metric: Gauge<LabelOf<Name>>) => void | Promise<void>,
    ): Gauge<LabelOf<Name>> {
      const metric = new Gauge({
        ...options(name),
        ...(collect && { collect: () => collect(metric) }),
      }) as Gauge<LabelOf<Name>>;
      return metric;
    },
    histogram<Name extends NameOf<"histogram">>(name: Name): Histogram<LabelOf<Name>> {
      const { buckets } = METRICS[name];
      return new Histogram({ ...options(name), buckets: [...buckets] }) as Histogram<LabelOf<Name>>;
    },
  };
}

export type Register = ReturnType<typeof registering>;
