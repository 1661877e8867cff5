// Reads a mail from stdin and prints, for each client, the features it does not or only partly support.
// Used by test_lint.py; caniemail's folder comes as the argument.
import { pathToFileURL } from "node:url";
const folder = process.argv[2];
const { caniemail, rawData } = await import(pathToFileURL(`${folder}/dist/index.js`));
const { clientNames } = await import(pathToFileURL(`${folder}/dist/clients.js`));
let html = "";
for await (const chunk of process.stdin) html += chunk;
const features = new Map(rawData.data.map((feature) => [feature.title, feature]));
const answer = Object.fromEntries(clientNames.map((client) => [client, {}]));
const { issues } = caniemail({ clients: ["*"], html });
for (const found of [issues.errors, issues.warnings]) {
  for (const [client, list] of found) {
    for (const { title } of list) {
      const [family, platform] = client.split(".");
      const stats = features.get(title).stats[family][platform];
      answer[client][title] = stats[Object.keys(stats).sort().at(-1)];
    }
  }
}
console.log(JSON.stringify(answer));
