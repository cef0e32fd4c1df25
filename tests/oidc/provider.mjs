// A real OpenID Connect provider on loopback, with the claims of a national sign-on.
// usage: node provider.mjs PORT REDIRECT_URI '{"login": {"claim": "value"}}'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [port, redirectUri, people] = process.argv.slice(2)
const accounts = JSON.parse(people)
const issuer = `http://127.0.0.1:${port}`

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'cordee',
    client_secret: 'un-secret-pour-les-essais',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'client_secret_basic'
  }],
  scopes: ['openid', 'scope_all'],
  claims: { openid: ['sub'], scope_all: ['SubjectNameID', 'email'] },
  acrValues: ['eidas1'],
  pkce: { required: () => true },
  cookies: { keys: ['sel'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/identite/${interaction.uid}` },
  findAccount: (_, id) => accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
  loadExistingGrant: async ({ oidc }) => { // nobody is asked twice
    const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
    grant.addOIDCScope('openid scope_all')
    await grant.save()
    return grant
  }
})

const page = (uid) => `<!doctype html><html lang="fr"><title>Identité nationale</title><h1>Qui êtes-vous ?</h1>
<form method="post" action="/identite/${uid}"><label>Identifiant <input name="login"></label><button>Je suis</button></form>
<a href="/identite/${uid}/refus">Renoncer</a></html>`

const answer = provider.callback()
createServer(async (request, response) => {
  const [, , uid, refusal] = request.url.split('/')
  if (!request.url.startsWith('/identite/')) return answer(request, response)
  if (refusal) return provider.interactionFinished(request, response, { error: 'access_denied' })
  if (request.method === 'GET') {
    return response.setHeader('content-type', 'text/html; charset=utf-8').end(page(uid))
  }
  let body = ''
  for await (const piece of request) body += piece
  const accountId = new URLSearchParams(body).get('login')
  return provider.interactionFinished(request, response, { login: { accountId } })
}).listen(Number(port), '127.0.0.1', () => console.log('ready'))
