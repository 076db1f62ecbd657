// An OpenID provider on loopback, for this example and for the latch's own tests: npm oidc-provider with the people of accounts.js.
// Whoever presses a name is that person: a real provider asks for a password or a passkey here.
//
//   PORT      where to listen; 0: anywhere free
//   SITE      origins of the sites behind the latch, separated by spaces
//   SECRET    client_secret of the client "lock"; the client "lock-public" has none
//   RESOURCE  what access tokens are for (RFC 8707)
//   KEY       file of the key that signs, made when it is not there; see key.js
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'

import Provider, { errors, interactionPolicy } from 'oidc-provider'

import { accounts } from './accounts.js'
import { keyIn } from './key.js'

const { PORT = '9000', SITE = 'https://localhost:8443', SECRET = '', RESOURCE = 'https://lock.example.com', KEY = '' } = process.env
const sites = SITE.split(' ')

const client = (id, rest) => ({
  client_id: id,
  redirect_uris: sites.map((site) => `${site}/.botlatch/callback`),
  post_logout_redirect_uris: sites.map((site) => `${site}/.botlatch/signed-out`),
  grant_types: ['authorization_code'],
  response_types: ['code'],
  ...rest,
})

const clients = [client('lock-public', { token_endpoint_auth_method: 'none' })]
if (SECRET !== '') clients.push(client('lock', { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_basic' }))

// Nobody is asked whether the lock may know their name: it is theirs.
const policy = interactionPolicy.base()
policy.remove('consent')

async function loadExistingGrant(ctx) {
  const { client: { clientId }, session: { accountId }, provider } = ctx.oidc
  const grant = new provider.Grant({ clientId, accountId })
  grant.addOIDCScope('openid profile email groups')
  if (accounts[accountId].scope !== '') grant.addResourceScope(RESOURCE, accounts[accountId].scope)
  await grant.save()
  return grant
}

function getResourceServerInfo(ctx, resource) {
  if (resource !== RESOURCE) throw new errors.InvalidTarget()
  return { scope: 'door:open observe', audience: RESOURCE, accessTokenFormat: 'jwt', accessTokenTTL: 3600 }
}

const configuration = {
  clients,
  jwks: { keys: [keyIn(KEY)] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  pkce: { required: () => true },
  scopes: ['openid'],
  claims: { openid: ['sub'], profile: ['name', 'picture'], email: ['email', 'email_verified'], groups: ['groups'] },
  conformIdTokenClaims: false, // what the scopes ask for stands in the ID token, not at userinfo alone
  findAccount: (ctx, id) => accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id].claims }) },
  loadExistingGrant,
  interactions: { policy, url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: { enabled: true, getResourceServerInfo, defaultResource: () => [], useGrantedResource: () => false },
  },
  ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 600, Session: 3600 },
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>Sign in</title>
<style>body { font: 1.2rem system-ui; max-width: 20rem; margin: 3rem auto } button { font: inherit; width: 100%; padding: 1rem; margin: .3rem 0 }</style>
<h1>Who are you?</h1>
<form method="post">
${Object.keys(accounts).map((id) => `<button name="account" value="${id}">${id}</button>`).join('\n')}
<button name="account" value="">Cancel</button>
</form>
</html>`

// interact shows the people, and takes the one that was pressed.
async function interact(provider, req, res) {
  await provider.interactionDetails(req, res) // throws when this browser has no such interaction
  if (req.method !== 'POST') {
    res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' })
    res.end(page)
    return
  }
  let body = ''
  for await (const piece of req) {
    body += piece
    if (body.length > 1024) throw new Error('too long')
  }
  const account = new URLSearchParams(body).get('account')
  const result = Object.hasOwn(accounts, account) ? { login: { accountId: account } } : { error: 'access_denied' }
  await provider.interactionFinished(req, res, result)
}

const server = createServer()
server.listen(Number(PORT), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, configuration)
  const answer = provider.callback()
  server.on('request', (req, res) => {
    if (!req.url.startsWith('/interaction/')) {
      answer(req, res)
      return
    }
    interact(provider, req, res).catch(() => {
      res.writeHead(400, { 'Content-Type': 'text/plain' })
      res.end('There is no such sign-in under way.\n')
    })
  })
  console.log(JSON.stringify({ listening: issuer }))
})
