import type { Config } from "../config/config.ts";

/** A revoked or mistyped token is final: so many logins with it are refused, then no more. */
const DENIALS_MOST = 5;

/** Which token to log in with. After a rotation there are two, until one of them has been taken. */
export interface Tokens {
  current(): string;
  /** The server refused the current one. False: that was once too often. */
  denied(): boolean;
  /** A login succeeded: the current one is the right one, for whoever stores it. */
  accepted(): Promise<void>;
  /** Stores a new token, and logs in with it from now on. */
  rotate(token: string): Promise<void>;
}

/** Where tokens are kept: the configuration file. */
export interface TokenStore {
  rotate(token: string): Promise<void>;
  settle(token: string): Promise<void>;
}

export function createTokens(
  { token, previous_token }: Pick<Config, "token" | "previous_token">,
  store: TokenStore,
): Tokens {
  let tokens = previous_token === undefined ? [token] : [token, previous_token];
  let denials = 0;
  const current = () => tokens[denials % tokens.length] as string;
  return {
    current,
    denied() {
      denials++;
      return denials < DENIALS_MOST;
    },
    async accepted() {
      const used = current();
      const isSettled = tokens.length === 1;
      tokens = [used];
      denials = 0;
      if (!isSettled) await store.settle(used);
    },
    async rotate(next) {
      await store.rotate(next);
      tokens = [next, current()];
      denials = 0;
    },
  };
}
