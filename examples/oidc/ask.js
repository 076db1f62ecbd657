// How the client asks the bot, and what it reads from a refusal.
import { setTimeout as sleep } from 'node:timers/promises'

import * as oauth from 'oauth4webapi'

import { loopback } from './account.js'

// ask sends a request, with a token unless that is ''. query is added to the URL. It returns the status, the body, and the challenge
// for bearer tokens, as npm oauth4webapi reads it. It waits when it is told to: a 503 is no fault of the token.
export async function ask(method, url, token, query = '') {
  const send = (address, { headers, ...options }) => {
    if (token === '') delete headers.authorization
    return fetch(address + query, { ...options, headers, signal: AbortSignal.timeout(10_000) })
  }
  let response
  try {
    for (let tries = 0; tries < 4; tries++) {
      response = await oauth.protectedResourceRequest(token || 'none', method, url, undefined, undefined, { ...loopback, [oauth.customFetch]: send })
      if (response.status !== 503) break
      await sleep(1000 * Number(response.headers.get('retry-after')))
    }
  } catch (error) {
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error
    const bearer = error.cause.filter(({ scheme }) => scheme === 'bearer')
    return { status: error.status, challenge: bearer[0]?.parameters, challenges: error.cause.length, body: await error.response.text() }
  }
  return { status: response.status, body: await response.text() }
}
