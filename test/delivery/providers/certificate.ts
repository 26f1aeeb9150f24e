/** A key and its self-signed certificate (RFC 5280), made for the test that asks for them. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface Signer {
  readonly privateKey: KeyObject;
  readonly certificatePem: string;
}

export function makeSigner(validFrom: Date, validTo: Date): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  // sha256WithRSAEncryption and no parameters.
  const algorithm = der(0x30, der(0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]), der(0x05));
  const commonName = der(0x30, der(0x06, [0x55, 0x04, 0x03]), der(0x0c, ascii("sns.amazonaws.com")));
  const name = der(0x30, der(0x31, commonName));
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    algorithm,
    name,
    der(0x30, time(validFrom), time(validTo)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", Uint8Array.from(toBeSigned), privateKey);
  const certificate = der(0x30, toBeSigned, algorithm, der(0x03, [0], signature));
  const lines = btoa(String.fromCharCode(...certificate)).match(/.{1,64}/g) ?? [];
  return {
    privateKey,
    certificatePem: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
  };
}

/** Tag, length, contents (X.690 §8.1). */
function der(tag: number, ...contents: readonly Iterable<number>[]): number[] {
  const content = contents.flatMap((each) => [...each]);
  const { length } = content;
  if (length < 0x80) return [tag, length, ...content];
  return length < 0x100 ? [tag, 0x81, length, ...content] : [tag, 0x82, length >> 8, length & 0xff, ...content];
}

function time(date: Date): number[] {
  return der(0x18, ascii(`${date.toISOString().replace(/\D/g, "").slice(0, 14)}Z`));
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
