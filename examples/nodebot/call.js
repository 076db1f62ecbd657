'use strict'

// The two latches of the Caddyfile: one believes a shared secret, the other a private key.
const sites = {
  secret: `http://127.0.0.1:${process.env.LATCH_SECRET_PORT ?? 8080}`,
  key: `http://127.0.0.1:${process.env.LATCH_KEY_PORT ?? 8081}`
}

// call asks a bot through its latch and prints what came back, as one line of JSON.
async function call (name, site, path, headers, method = 'GET') {
  const res = await fetch(sites[site] + path, { method, headers })
  console.log(JSON.stringify({
    name,
    site,
    path: path.split('?')[0], // a query may hold a token
    status: res.status,
    challenge: res.headers.get('www-authenticate') ?? '',
    type: res.headers.get('content-type') ?? '',
    body: await res.text()
  }))
}

module.exports = { call }
