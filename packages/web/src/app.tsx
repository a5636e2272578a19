import { RouterProvider } from "@tanstack/react-router";
import { router } from "./router.tsx";
import { SessionProvider } from "./session/session.tsx";

export function App() {
  return (
    <SessionProvider>
      <RouterProvider router={router} />
    </SessionProvider>
  );
}
