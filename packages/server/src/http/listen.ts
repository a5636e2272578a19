import type { FastifyInstance } from "fastify";
import { type AddressSettings, listenFailure, MAIN_ADDRESS } from "../listening/index.ts";

/** @throws AppError `invalid_setting` where the address cannot be had */
export async function listen(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
  settings: AddressSettings = MAIN_ADDRESS,
): Promise<{ readonly url: string }> {
  try {
    return { url: await app.listen({ host, port }) };
  } catch (cause) {
    throw listenFailure(cause, `${host}:${port}`, settings);
  }
}
