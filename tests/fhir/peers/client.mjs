// The software of a hospital, made of two public libraries: fhir-kit-client speaks FHIR, oauth4webapi signs in.
// usage: node client.mjs < {"base", "client_id", "key": a private JWK (ES384), "patient"}; says what it was answered.
import { readFileSync } from "node:fs";
import { Client } from "fhir-kit-client";
import * as oauth from "oauth4webapi";

const { base, client_id, key, patient } = JSON.parse(readFileSync(0, "utf8"));
const door = new Client({ baseUrl: base });
const said = {};

// What is refused: its status, and our code.
async function refused(asked) {
  try {
    await asked;
    return "nothing was refused";
  } catch (error) {
    return [error.response.status, error.response.data.issue[0].details.coding[0].code];
  }
}

async function signIn() {
  const { tokenUrl } = await door.smartAuthMetadata();
  const server = { issuer: base, token_endpoint: tokenUrl.href };
  const ecdsa = { name: "ECDSA", namedCurve: "P-384" };
  const signing = await crypto.subtle.importKey("jwk", key, ecdsa, false, ["sign"]);
  const toTheDoor = { [oauth.modifyAssertion]: (_, claims) => { claims.aud = tokenUrl.href; } };
  const proof = oauth.PrivateKeyJwt({ key: signing, kid: key.kid }, toTheDoor);
  const wanted = new URLSearchParams({ scope: "system/*.cruds" });
  const client = { client_id };
  const onLoopback = { [oauth.allowInsecureRequests]: true };
  const answer = await oauth.clientCredentialsGrantRequest(server, client, proof, wanted, onLoopback);
  const token = await oauth.processClientCredentialsResponse(server, client, answer);
  door.bearerToken = token.access_token;
  return token.expires_in;
}

function relative(name) {
  return {
    resourceType: "RelatedPerson",
    patient: { reference: `Patient/${patient}` },
    name: [{ text: name }],
    relationship: [{ text: "voisine" }],
  };
}

const resourceType = "RelatedPerson";
said.unknown = await refused(door.read({ resourceType: "Patient", id: patient }));
said.expires_in = await signIn();
said.patient = (await door.read({ resourceType: "Patient", id: patient })).id;

const made = await door.create({ resourceType, body: relative("Odile Nguyen") });
const { id } = made;
const headers = { "If-Match": `W/"${made.meta.versionId}"` };
const changed = { ...made, name: [{ text: "Odile Nguyen-Roux" }] };
said.updated = (await door.update({ resourceType, id, body: changed, options: { headers } })).name[0].text;
said.loser = await refused(door.update({ resourceType, id, body: changed, options: { headers } }));
const jsonPatch = [{ op: "replace", path: "/name/0/text", value: "Odile Roux" }];
said.patched = (await door.patch({ resourceType, id, jsonPatch })).name[0].text;
said.versions = (await door.history({ resourceType, id })).entry.length;

const post = { method: "POST", url: resourceType };
const entry = ["Rose Blanc", "Jean Blanc"].map((name) => ({ resource: relative(name), request: post }));
const done = await door.transaction({ body: { resourceType: "Bundle", type: "transaction", entry } });
said.transaction = done.entry.map((one) => one.response.status.slice(0, 3));

const searchParams = { patient: `Patient/${patient}`, _count: "2", _include: "RelatedPerson:patient" };
const options = { postSearch: true };
said.pages = [];
for (let page = await door.resourceSearch({ resourceType, searchParams, options }); page; page = await door.nextPage({ bundle: page })) {
  said.pages.push(page.entry.map((one) => one.search.mode));
}

await door.delete({ resourceType, id });
said.gone = await refused(door.read({ resourceType, id }));
said.absent = await refused(door.read({ resourceType: "Patient", id: crypto.randomUUID() }));
said.misshapen = await refused(door.create({ resourceType, body: { resourceType, sex: "F" } }));
const strict = { headers: { Prefer: "handling=strict" } };
said.strict = await refused(door.resourceSearch({ resourceType: "Patient", searchParams: { shoe: "42" }, options: strict }));
process.stdout.write(JSON.stringify(said));
