'use strict'

// node socket.js <url> <form> [subprotocol...]: opens a WebSocket as a page does, with the token of BOT_TOKEN among its
// subprotocols, says hello and prints what came of it. The form is marker, kubernetes or none.

const WebSocket = require('ws')

const token = process.env.BOT_TOKEN
const forms = {
  marker: ['botlatch.bearer', token],
  kubernetes: [`base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`],
  none: []
}
const [url, form, ...others] = process.argv.slice(2)

const socket = new WebSocket(url, [...forms[form], ...others], { handshakeTimeout: 20000 })
socket.on('open', () => socket.send('hello'))
socket.on('message', (data) => {
  console.log(JSON.stringify({ protocol: socket.protocol, echo: String(data) }))
  socket.close()
})
socket.on('unexpected-response', (req, res) => {
  console.log(JSON.stringify({ status: res.statusCode }))
  req.destroy()
})
socket.on('error', (err) => console.log(JSON.stringify({ error: err.message })))
