'use strict'

// node client.js secret|key <path> [method]: signs a token as tutorials do, and calls the bot through the latch.

const fs = require('node:fs')

const jwt = require('jsonwebtoken')

const { call } = require('./call')

const sign = {
  secret () {
    const secret = process.env.BOT_SECRET
    return jwt.sign({ user: 'x' }, secret, { expiresIn: '1h' })
  },
  key () {
    const privateKey = fs.readFileSync(process.env.BOT_PRIVATE_KEY)
    return jwt.sign({ user: 'x' }, privateKey, { algorithm: 'RS256', expiresIn: '1h' })
  }
}

const [site, path, method = 'GET'] = process.argv.slice(2)
if (!Object.hasOwn(sign, site) || !path?.startsWith('/')) {
  console.error('usage: node client.js secret|key <path> [method]')
  process.exit(2)
}
call('client', site, path, { Authorization: `Bearer ${sign[site]()}` }, method)
