'use strict'

// Express, express-jwt and a proxy, as their documentation has them: the key is text. jsonwebtoken reads that anew on each
// request; `node guard.js keyobject` has read it before.

const crypto = require('node:crypto')

const fs = require('node:fs')

const express = require('express')
const { expressjwt } = require('express-jwt')

const { serve } = require('./proxy')

const { ALGORITHM, AUDIENCE, ISSUER, KEY } = process.env

const hmac = ALGORITHM.startsWith('HS')
let key = hmac ? KEY : fs.readFileSync(KEY)
if (process.argv[2] === 'keyobject') key = hmac ? crypto.createSecretKey(Buffer.from(key)) : crypto.createPublicKey(key)

const app = express().disable('x-powered-by')

app.use(expressjwt({
  secret: key,
  algorithms: [ALGORITHM],
  audience: AUDIENCE,
  issuer: ISSUER
}))

app.use((req, res, next) => {
  if (req.auth.scope.split(' ').includes('observe')) return next()
  res.status(403).send('insufficient scope')
})

app.use((err, req, res, next) => {
  if (err.name === 'UnauthorizedError') res.status(401).send('invalid token')
  else next(err)
})

serve(app)
