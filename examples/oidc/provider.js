// An OpenID provider on loopback, for programs: npm oidc-provider, which gives them JWT access tokens (RFC 9068) for their own
// secret (client_credentials).
//
//   PORT       where to listen; 0: anywhere free
//   SECRET     client_secret of the client "app"
//   RESOURCES  what access tokens may be for (RFC 8707), separated by spaces
//   SCOPES     what they may hold
//   KEYS       file of its keys, which rotate.js changes while it runs; see ring.js
//   FRESH      for how many seconds the published keys are fresh
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'

import Provider, { errors } from 'oidc-provider'

import { ringIn } from './ring.js'

const {
  PORT = '9000', SECRET = '', RESOURCES = 'http://127.0.0.1:8080', SCOPES = 'observe door:unlock', KEYS = 'keys.json', FRESH = '300',
} = process.env
if (SECRET === '') throw new Error('SECRET is empty')
const cookies = { keys: [randomBytes(32).toString('hex')] }

// make is a provider that publishes the keys and signs with the first.
function make(issuer, keys) {
  const jwt = { sign: { alg: keys[0].alg, kid: keys[0].kid } }
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'app',
      client_secret: SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: keys[0].alg,
    }],
    jwks: { keys },
    cookies,
    scopes: SCOPES.split(' '),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(ctx, resource) {
          if (!RESOURCES.split(' ').includes(resource)) throw new errors.InvalidTarget()
          return { scope: SCOPES, audience: resource, accessTokenFormat: 'jwt', jwt }
        },
      },
      revocation: { enabled: true },
    },
    ttl: { ClientCredentials: 3600 },
  })
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.path === '/jwks') ctx.set('Cache-Control', `max-age=${FRESH}`)
  })
  return provider.callback()
}

// current is the provider of the keys that the file holds now.
let current, made
function answer(issuer) {
  const keys = ringIn(KEYS)
  const text = JSON.stringify(keys)
  if (text !== made) [current, made] = [make(issuer, keys), text]
  return current
}

const server = createServer()
server.listen(Number(PORT), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  answer(issuer)
  server.on('request', (req, res) => answer(issuer)(req, res))
  console.log(JSON.stringify({ listening: issuer }))
})
