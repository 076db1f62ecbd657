'use strict'

// node hostile.js: what the latch refuses. Each of these would move something if the bot got it.

const crypto = require('node:crypto')
const fs = require('node:fs')

const jwt = require('jsonwebtoken')

const { call } = require('./call')

const user = { user: 'x' }
const publicKey = fs.readFileSync(process.env.BOT_PUBLIC_KEY, 'utf8')
const signers = {
  secret: {
    algorithm: 'HS256',
    own: process.env.BOT_SECRET,
    wrong: crypto.randomBytes(32).toString('hex')
  },
  key: {
    algorithm: 'RS256',
    own: fs.readFileSync(process.env.BOT_PRIVATE_KEY),
    wrong: crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  }
}

const bearer = (token) => ({ Authorization: `Bearer ${token}` })

// requests are names, paths, header fields and, unless GET, methods.
function requests ({ algorithm, own, wrong }) {
  const sign = (claims, options) => jwt.sign(claims, own, { algorithm, ...options })
  const good = sign(user, { expiresIn: '1h' })
  const none = jwt.sign(user, null, { algorithm: 'none', expiresIn: '1h' })
  return [
    ['no token', '/servo/90', {}],
    ['no token, HEAD', '/servo/90', {}, 'HEAD'],
    ['wrong key', '/servo/90', bearer(jwt.sign(user, wrong, { algorithm, expiresIn: '1h' }))],
    ['alg none', '/servo/90', bearer(none)],
    ['alg none, signature of another', '/servo/90', bearer(none + good.split('.')[2])],
    ['HS256 with the public key', '/servo/90', bearer(jwt.sign(user, publicKey, { algorithm: 'HS256', expiresIn: '1h' }))],
    ['expired', '/servo/90', bearer(sign(user, { expiresIn: -10 }))],
    ['no expiry', '/servo/90', bearer(sign(user))],
    ['a year', '/servo/90', bearer(sign(user, { expiresIn: '1y' }))],
    ['ID token', '/servo/90', bearer(sign({ ...user, nonce: 'n' }, { expiresIn: '1h' }))],
    ['for another bot', '/servo/90', bearer(sign(user, { expiresIn: '1h', audience: 'another bot' }))],
    ['Basic', '/servo/90', { Authorization: `Basic ${Buffer.from('x:y').toString('base64')}` }],
    ['in the query', `/servo/90?access_token=${good}`, {}],
    ['capitals', '/SERVO/9', bearer(good)],
    ['escaped', '/servo/%39', bearer(good)],
    ['slash at the end', '/servo/90/', bearer(good)],
    ['another user at the door', '/door/unlock', bearer(sign({ user: 'y' }, { expiresIn: '1h' }))],
    ['another user at the door, HEAD', '/door/unlock', bearer(sign({ user: 'y' }, { expiresIn: '1h' })), 'HEAD'],
    ['POST', '/door/unlock', { ...bearer(good), 'X-HTTP-Method-Override': 'GET' }, 'POST'],
    ['no rule', '/door', bearer(good)]
  ]
}

async function main () {
  for (const [site, signer] of Object.entries(signers)) {
    for (const [name, path, headers, method] of requests(signer)) {
      await call(name, site, path, headers, method)
    }
  }
}

main()
