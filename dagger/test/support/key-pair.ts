import { generateKeyPairSync } from "node:crypto"

/** A pair of keys as cosign makes them, in PEM. */
export const keyPair = () =>
  generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { format: "pem", type: "pkcs8" },
    publicKeyEncoding: { format: "pem", type: "spki" },
  })
