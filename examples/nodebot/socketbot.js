'use strict'

// A rover on a WebSocket, without a line about tokens. On /rover it selects the subprotocol rover, on other paths none; it
// sends back what it is told.

const { WebSocketServer } = require('ws')

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.env.PORT ?? 3000),
  handleProtocols: (offered, req) => req.url === '/rover' && offered.has('rover') ? 'rover' : false
})

server.on('listening', () => {
  console.log(JSON.stringify({ listening: `http://127.0.0.1:${server.address().port}` }))
})

server.on('connection', (socket, req) => {
  const { 'sec-websocket-protocol': offered, authorization: field } = req.headers
  console.log(JSON.stringify({ request: `WS ${req.url}`, offered, field }))
  socket.on('message', (data, binary) => socket.send(data, { binary }))
})
