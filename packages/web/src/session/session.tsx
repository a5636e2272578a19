import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { isAppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { clientWith } from "./client-with.ts";
import { SignIn } from "./sign-in.tsx";
import { createTokenKeeper } from "./token-keeper.ts";

export interface Session {
  readonly client: Client;
  /** Forgets the token, in every tab that has the same; `why` is shown where it was not asked for. */
  signOut(why?: string): void;
}

type State =
  | { readonly is: "looking" }
  | { readonly is: "out"; readonly why?: string | undefined }
  | { readonly is: "in"; readonly token: string };

const SessionContext = createContext<Session | undefined>(undefined);
const keeper = createTokenKeeper({
  storage: sessionStorage,
  channel: typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("yard"),
});

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("there is no session here (s7u1)");
  return session;
}

/** Shows what is inside to those who have a token, and the sign-in to all others. */
export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [state, setState] = useState<State>({ is: "looking" });
  const signOut = useCallback((why?: string) => {
    keeper.forget();
    setState({ is: "out", why });
  }, []);
  useEffect(() => {
    void keeper
      .find()
      .then((token) => setState(token === undefined ? { is: "out" } : { is: "in", token }));
    const ends = [
      keeper.onLate((token) => setState({ is: "in", token })),
      keeper.onForgotten(() => setState({ is: "out", why: "Signed out in another tab." })),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, []);

  if (state.is === "looking") return null;
  if (state.is === "out")
    return (
      <SignIn
        why={state.why}
        onToken={(token) => {
          keeper.keep(token);
          setState({ is: "in", token });
        }}
      />
    );
  return (
    <SignedIn token={state.token} signOut={signOut}>
      {children}
    </SignedIn>
  );
}

interface SignedInProps {
  readonly token: string;
  readonly signOut: Session["signOut"];
  readonly children: ReactNode;
}

function SignedIn({ token, signOut, children }: SignedInProps) {
  const session = useMemo(() => {
    const onRefused = (): void => signOut("The token is not valid any more.");
    return { client: clientWith(token, onRefused), signOut };
  }, [token, signOut]);
  // With the token goes everything that was read by it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another token sees other things
  const queries = useMemo(createQueries, [token]);
  return (
    <SessionContext value={session}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </SessionContext>
  );
}

function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The live stream says when something is stale, and comes back by itself after a break.
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        networkMode: "always",
        retry: (failures, error) => failures < 2 && isAppError(error) && error.code === "internal",
      },
    },
  });
}
