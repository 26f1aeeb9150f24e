/**
 * Makes `vectors.json` with the reference implementation alone. After a change of the layout, make it again:
 *
 *     npx node -e 'import("./test/tokens/make-vectors.ts")
 *       .then(async (m) => console.log(JSON.stringify(await m.makeVectors(), null, 2)))' > vectors.json
 *     mv vectors.json test/tokens/
 *     npm run format
 */
import { base64url, bytesOf, hexOf, pseudonymSlowly, signSlowly, useKey } from "./reference.ts";
import { ANONYMOUS, JUNK, OLDER, SIGNING, UNSIGNABLE, USES, VALID } from "./vector-cases.ts";
import { rejectedTokens } from "./vector-rejections.ts";

const ABOUT = [
  "Test vectors for Waxseal's tokens, version 1. The layout is in docs/tokens.md.",
  [
    "token_keys is a TOKEN_KEYS setting: entries ID:dev:SECRET, because keys that count are for development",
    "only, the secret 32 bytes in base64url without padding. The first key signs, every key verifies. keys",
    "holds the same keys in hex; use_keys_hex are the HMAC keys derived from each,",
    "HMAC-SHA256(secret, 'waxseal/1/' + use).",
  ].join(" "),
  [
    "valid: signing claims for use with the key of that id must give exactly token (bytes_hex in",
    "base64url without padding), and verifying token for use must give exactly claims. Ids are texts here;",
    "an integer id is signed as its decimal text.",
  ].join(" "),
  ["junk: text verifies for use as the valid token of that name does; what mail clients append is ignored."].join(" "),
  [
    "refused: verifying text for use with token_keys must fail. reason is this implementation's; another",
    "one may name it otherwise, but must refuse.",
  ].join(" "),
  [
    "pseudonyms: in an anonymous copy the links and the pixel name pseudonym instead of person: '~anon-'",
    "and the first 14 hexadecimal digits of HMAC-SHA256(HMAC-SHA256(secret, 'waxseal/1/anonymous'), email",
    "+ '\\n' + person + '\\n' + campaign), the secret that of the last key of token_keys.",
  ].join(" "),
  "unsignable: signing these claims must fail; claim is the one at fault.",
  [
    "No vector is as long as the limits: a destination of 16,384 bytes in UTF-8 is signed and a longer",
    "one is not; a text of 24,576 characters is read and a longer one refused.",
  ].join(" "),
];

/** The whole of `vectors.json`. */
export async function makeVectors() {
  const keys = [];
  for (const key of [SIGNING, OLDER]) {
    const useKeysHex: Record<string, string> = {};
    for (const use of USES) useKeysHex[use] = hexOf(await useKey(key, use));
    keys.push({ id: key.id, secret_hex: key.secretHex, use_keys_hex: useKeysHex });
  }
  const valid = [];
  for (const [name, key, use, claims] of VALID) {
    const bytes = await signSlowly(key, use, claims);
    valid.push({ name, key: key.id, use, claims, bytes_hex: hexOf(bytes), token: base64url(bytes) });
  }
  const junk = [];
  for (const appended of JUNK)
    for (const { name, use, token } of valid.slice(0, 2)) junk.push({ name, use, text: `${token}${appended}` });
  const pseudonyms = [];
  for (const [name, { email, person, campaign }] of ANONYMOUS) {
    const pseudonym = await pseudonymSlowly(OLDER, { email, person, campaign });
    pseudonyms.push({ name, email, person, campaign, pseudonym });
  }
  return {
    about: ABOUT,
    token_keys: [SIGNING, OLDER].map((key) => `${key.id}:dev:${base64url(bytesOf(key.secretHex))}`).join(","),
    keys,
    valid,
    junk,
    refused: await rejectedTokens(),
    pseudonyms,
    unsignable: UNSIGNABLE,
  };
}
