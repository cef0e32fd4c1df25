// What is said to the house, and what it answers.
const PATIENCE = 30_000;
const LATER = [401, 403, 407, 408, 425, 429];

// The house did not take what was said. `turned`: it read it and wants none of it; `mayPass`: it failed, and may not the next time.
export class Unheard extends Error {
  constructor(status = 0, said = {}) {
    super(String(status));
    this.unknown = status === 401 && said.state === "unknown";
    this.turned = status === 500 || (status >= 400 && status < 500 && !LATER.includes(status));
    this.mayPass = status === 500;
  }
}

async function asked(path, options = {}) {
  try {
    const answer = await fetch(path, { credentials: "same-origin", ...options, signal: AbortSignal.timeout(PATIENCE) });
    const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    return { ...said, status: answer.status };
  } catch {
    throw new Unheard();
  }
}

export const whoIsSignedIn = () => asked("/visites/telephone", { headers: { Accept: "application/json" } });

export const enrol = (csrf) => asked("/visites/telephone", { method: "POST", headers: { "X-CSRFToken": csrf } });

// Raises when the house did not take the sending: what is in the queue stays there. A page that says 200 is not the house.
// The phone speaks by its own secret: the session of whoever is signed in has no say in it.
export async function send(helper, records) {
  const body = JSON.stringify({ sent_at: new Date().toISOString(), records, ...(helper.isClosed && { forgot: true }), ...(helper.awaits && { awaits: true }) });
  const answer = await asked("/visites/envoi", { method: "POST", credentials: "omit", headers: await headersOf(helper), body });
  const isTaken = answer.status === 200 && ["open", "revoked"].includes(answer.state) && Array.isArray(answer.acks);
  if (!isTaken) throw new Unheard(answer.status, answer);
  return answer;
}

// Ready before the secret is erased, said once it is.
export async function farewell(helper) {
  const headers = await headersOf(helper);
  return () => asked("/visites/efface", { method: "POST", credentials: "omit", keepalive: true, headers });
}

async function headersOf(helper) {
  return { Authorization: `Telephone ${helper.device}:${await helper.secret()}`, "Content-Type": "application/json" };
}
