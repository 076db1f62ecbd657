'use strict'

// Express, express-jwt and a proxy, as their documentation has them.

const fs = require('node:fs')

const express = require('express')
const { expressjwt } = require('express-jwt')

const { serve } = require('./proxy')

const { ALGORITHM, AUDIENCE, ISSUER, KEY } = process.env

const app = express().disable('x-powered-by')

app.use(expressjwt({
  secret: ALGORITHM.startsWith('HS') ? KEY : fs.readFileSync(KEY),
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
