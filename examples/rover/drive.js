'use strict'

// node drive.js <url>: drives over a WebSocket. Orders are {"token":"…"}, which opens a connection, and {"left":n,"right":n}.
//
// A token that comes while a connection is open takes over without a stop: the new connection is opened first, in the same
// session, and the old one is left to end with its token.

const WebSocket = require('ws')

const { orders, say } = require('./orders')

const url = new URL('/drive', process.argv[2])
let wheel // the connection that drives
let opened = 0

function open (token) {
  const line = ++opened
  const ws = new WebSocket(url, { headers: { Authorization: `Bearer ${token}` } })
  ws.on('message', (data) => {
    const said = JSON.parse(data)
    if (said.session) {
      url.searchParams.set('session', said.session)
      wheel = ws
    }
    say({ line, ...said })
  })
  ws.on('unexpected-response', (req, res) => {
    say({ line, refused: res.statusCode, challenge: res.headers['www-authenticate'] })
    req.destroy()
  })
  ws.on('error', (error) => say({ line, error: error.message }))
  ws.on('close', (code, reason) => say({ line, closed: code, reason: reason.toString() }))
}

orders(({ token, ...speeds }) => {
  if (token) open(token)
  else wheel.send(JSON.stringify(speeds))
})
