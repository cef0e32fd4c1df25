// What two other implementations of FHIRPath give, for the expressions read from the standard input.
// In: {resource, cases: [{text, at, variables}]}, `at` being the line it is evaluated from, a member of
// resource.item. Out: [{hl7, medplum}], null where one raises.
import { readFileSync } from "node:fs";
import fhirpath from "fhirpath";
import r4 from "fhirpath/fhir-context/r4/index.js";
import { evalFhirPathTyped, toTypedValue } from "@medplum/core";

const { resource, cases } = JSON.parse(readFileSync(0, "utf-8"));

function attempt(work) {
  try {
    return JSON.parse(JSON.stringify(work()));
  } catch {
    return null;
  }
}

// A line of the response, as a node that keeps its type.
function lineByHl7(at) {
  return fhirpath.evaluate(resource, `QuestionnaireResponse.item[${at}]`, {}, r4)[0];
}

function byHl7({ text, at, variables }) {
  const context = lineByHl7(at);
  return fhirpath.evaluate(context, text, { resource, context, ...variables }, r4);
}

function byMedplum({ text, at, variables }) {
  const context = { type: "QuestionnaireResponseItem", value: resource.item[at] };
  const named = Object.entries({ resource, ...variables }).map(([name, value]) => [`%${name}`, toTypedValue(value)]);
  const known = { ...Object.fromEntries(named), "%context": context };
  return evalFhirPathTyped(text, [context], known).map((one) => one.value);
}

const found = cases.map((one) => ({ hl7: attempt(() => byHl7(one)), medplum: attempt(() => byMedplum(one)) }));
process.stdout.write(JSON.stringify(found));
