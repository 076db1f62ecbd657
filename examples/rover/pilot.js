'use strict'

// node pilot.js <url> [transports]: drives over socket.io. Orders are {"token":"…"}, for this connection and the next ones, and
// {"left":n,"right":n}. Transports are those of socket.io, and tried in that order: polling,websocket when none are named.

const { io } = require('socket.io-client')

const { orders, say } = require('./orders')

const [, , url, transports = 'polling,websocket'] = process.argv
const socket = io(url, {
  transports: transports.split(','),
  autoConnect: false,
  reconnectionDelay: 200,
  reconnectionDelayMax: 1000
})

// statusOf is what the latch answered: a number for a poll; for a WebSocket it is in the text.
function statusOf ({ description }) {
  return typeof description === 'number' ? description : Number(/\b\d{3}\b/.exec(description?.message)?.[0])
}

let first // transport of this connection
socket.io.on('open', () => { first = socket.io.engine.transport.name })
socket.on('connect', () => {
  const { engine } = socket.io
  const upgraded = () => say({ upgraded: engine.transport.name })
  say({ connected: first, recovered: socket.recovered })
  if (engine.transport.name === first) engine.once('upgrade', upgraded)
  else upgraded() // before it was connected
})
socket.on('connect_error', (error) => say({ refused: statusOf(error) }))
socket.on('disconnect', (why, details) => {
  say({ disconnected: why, code: details?.context?.code, reason: details?.context?.reason })
})

orders(({ token, ...speeds }) => {
  if (token) {
    socket.io.opts.extraHeaders = { Authorization: `Bearer ${token}` }
    socket.connect()
  } else {
    socket.emit('drive', speeds, (state) => say(state))
  }
})
