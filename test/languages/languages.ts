/** Languages of docs/integrations/, how their programs run, and what makes tokens of the vectors by the page's code. */

export interface Language {
  /** Of the page, docs/integrations/<page>.md. */
  readonly page: string;
  /** Of its blocks. */
  readonly fence: string;
  /** A command that succeeds where the language is installed. */
  readonly probe: readonly [string, ...string[]];
  /** Runs files, by their names; the first has the beginning. */
  run(...files: string[]): readonly [string, ...string[]];
  /** Reads the vectors on standard input and prints `{ tokens, pseudonyms }`, with the page's code in front of it. */
  readonly vectors: string;
}

export const LANGUAGES: readonly Language[] = [
  {
    page: "python",
    fence: "py",
    probe: ["python3", "--version"],
    run: (...files) => ["python3", ...files],
    vectors: `
import json, sys
v = json.load(sys.stdin)
keys = {int(e.split(":")[0]): e for e in v["token_keys"].split(",")}
print(json.dumps({
    "tokens": [sign(keys[each["key"]], each["use"], each["claims"]) for each in v["valid"]],
    "pseudonyms": [
        pseudonym(v["token_keys"], each["email"], each["person"], each["campaign"]) for each in v["pseudonyms"]
    ],
}))`,
  },
  {
    page: "php",
    fence: "php",
    probe: ["php", "--version"],
    run: (...files) => ["php", ...files],
    vectors: `
$v = json_decode(file_get_contents('php://stdin'), true);
$keys = [];
foreach (explode(',', $v['token_keys']) as $entry) { $keys[(int) $entry] = $entry; }
echo json_encode([
    'tokens' => array_map(fn ($each) => sign($keys[$each['key']], $each['use'], $each['claims']), $v['valid']),
    'pseudonyms' => array_map(
        fn ($each) => pseudonym($v['token_keys'], $each['email'], $each['person'], $each['campaign']),
        $v['pseudonyms'],
    ),
]);`,
  },
  {
    page: "go",
    fence: "go",
    probe: ["go", "version"],
    run: (...files) => ["go", "run", ...files],
    vectors: `package main

import ("encoding/json"; "os"; "strings")

func main() {
	var v struct {
		TokenKeys string \`json:"token_keys"\`
		Valid []struct { Key int; Use string; Claims claims }
		Pseudonyms []struct { Email, Person, Campaign string }
	}
	if err := json.NewDecoder(os.Stdin).Decode(&v); err != nil { panic(err) }
	entries := strings.Split(v.TokenKeys, ",")
	made := map[string][]string{}
	add := func(list string, text string, err error) {
		if err != nil { panic(err) }
		made[list] = append(made[list], text)
	}
	for _, each := range v.Valid {
		token, err := sign(entries[len(entries)-each.Key], each.Use, each.Claims)
		add("tokens", token, err)
	}
	for _, each := range v.Pseudonyms {
		text, err := pseudonym(v.TokenKeys, each.Email, each.Person, each.Campaign)
		add("pseudonyms", text, err)
	}
	json.NewEncoder(os.Stdout).Encode(made)
}
`,
  },
];
