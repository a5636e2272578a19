import { type Client, createClient } from "@yardmaster/sdk";

/** The API of the server that this page came from. */
export function clientWith(token: string): Client {
  return createClient({ url: location.origin, token });
}
