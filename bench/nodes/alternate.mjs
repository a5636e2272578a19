import { medianOf } from "../measure.mjs";

/** Legs of `[{ name, leg }]` one after the other, so many rounds: medians by name. */
export async function alternate(contenders, { rounds, ...options }) {
  const results = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, leg } of contenders) results.get(name).push(await leg(options));
  }
  return Object.fromEntries([...results].map(([name, legs]) => [name, medianOf(legs)]));
}
