import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Where there is no openssl, tests of TLS are skipped. */
export function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A certificate for 127.0.0.1 that signs itself, and its key, written to a folder. */
export function makeCertificate(
  folder: string,
  commonName = "127.0.0.1",
): { readonly certPath: string; readonly keyPath: string } {
  const [keyPath, certPath] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", `/CN=${commonName}`, "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const files = ["-keyout", keyPath, "-out", certPath];
  execFileSync("openssl", [...made, ...subject, ...files], { stdio: "ignore" });
  return { certPath, keyPath };
}
