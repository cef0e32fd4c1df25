// What is said to the house, and what it answers.
const PATIENCE = 30_000;

async function asked(path, options = {}) {
  const answer = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE), credentials: "same-origin" });
  const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  return { status: answer.status, ...said };
}

export const whoIsSignedIn = () => asked("/visites/telephone", { headers: { Accept: "application/json" } });

export const enrol = (csrf) => asked("/visites/telephone", { method: "POST", headers: { "X-CSRFToken": csrf } });

// Raises when the house did not take the sending: what is in the queue stays there.
export async function send(helper, records) {
  const body = JSON.stringify({ sent_at: new Date().toISOString(), records });
  const answer = await asked("/visites/envoi", { method: "POST", headers: await headersOf(helper), body });
  if (answer.status === 401) throw Object.assign(new Error("unknown"), { unknown: true });
  if (answer.status !== 200) throw new Error(String(answer.status));
  return answer;
}

export const tellWiped = async (helper) => asked("/visites/efface", { method: "POST", headers: await headersOf(helper) });

async function headersOf(helper) {
  return { Authorization: `Telephone ${helper.device}:${await helper.secret()}`, "Content-Type": "application/json" };
}
