// The account of the client, and how it gets tokens. Nothing here names the latch: what to ask whom comes from its challenges.
import * as oauth from 'oauth4webapi'

// Both the latch and the provider of this example are on this machine; elsewhere they are https, and this goes.
export const loopback = { [oauth.allowInsecureRequests]: true }

const { ISSUER = 'http://127.0.0.1:9000', SECRET = '' } = process.env
const client = { client_id: 'app' }

// tokenFor gets a token for what a challenge of the resource asks. scope: something else than it asks.
export async function tokenFor(resource, challenge, scope = challenge.scope) {
  const metadata = await resourceOf(resource, challenge)
  // The secret goes to the provider that it is from and to nobody else, whomever the resource names.
  if (!metadata.authorization_servers.includes(ISSUER)) throw new Error('no account at any provider of this resource')
  const server = await serverOf(new URL(ISSUER))
  const response = await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretBasic(SECRET),
    { scope, resource: metadata.resource }, loopback)
  return (await oauth.processClientCredentialsResponse(server, client, response)).access_token
}

// resourceOf reads what a resource says of itself (RFC 9728), where its challenge says that it does.
export async function resourceOf(resource, challenge) {
  let asked
  const response = await oauth.resourceDiscoveryRequest(resource, {
    ...loopback, [oauth.customFetch]: (url, options) => { asked = url; return fetch(url, options) },
  })
  if (asked !== challenge.resource_metadata) throw new Error('the challenge is of another resource')
  return oauth.processResourceDiscoveryResponse(resource, response)
}

// serverOf reads the provider's metadata, as an authorization server (RFC 8414) or as an OpenID provider.
export async function serverOf(issuer) {
  let response
  for (const algorithm of ['oauth2', 'oidc']) {
    response = await oauth.discoveryRequest(issuer, { ...loopback, algorithm })
    if (response.status === 200) break
  }
  return oauth.processDiscoveryResponse(issuer, response)
}
