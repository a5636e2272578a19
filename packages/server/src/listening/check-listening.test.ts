import { expect, test } from "vitest";
import { checkListening } from "./check-listening.ts";

/** Of documentation (RFC 5737): no machine has it. */
const NOBODYS = "192.0.2.1";

test("an address of another machine is found before anything is started for it", async () => {
  const hosts = { YARD_HOST: "127.0.0.1", YARD_NODES_HOST: NOBODYS };
  await expect(checkListening({ tls: undefined, hosts })).rejects.toMatchObject({
    code: "invalid_setting",
    message: expect.stringContaining(`${NOBODYS} (EADDRNOTAVAIL). Set YARD_NODES_HOST to an`),
  });
});

test("so are files of TLS that cannot be used", async () => {
  const tls = { certPath: "/nowhere/cert.pem", keyPath: "/nowhere/key.pem" };
  await expect(checkListening({ tls, hosts: {} })).rejects.toThrow("YARD_TLS_CERT: /nowhere/cert");
});
