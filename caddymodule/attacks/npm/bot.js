'use strict'

// A bot whose page drives it over socket.io, as its tutorial writes it. Nothing in here knows about tokens. It prints where it
// listens, and each move.

const http = require('node:http')
const { Server } = require('socket.io')

const page = `<!doctype html>
<title>rover</title>
<p id="state">starting</p>
<button id="go">Go</button>
<script src="/socket.io/socket.io.js"></script>
<script>
const say = (text) => { document.getElementById('state').textContent = text }
const transport = location.search === '?polling' ? 'polling' : 'websocket'
const socket = io({ transports: [transport], reconnectionDelay: 100, reconnectionDelayMax: 100 })
socket.on('connect', () => say('connected'))
socket.on('moved', (times) => say('moved ' + times))
socket.on('disconnect', () => say('gone'))
socket.on('connect_error', () => say('refused'))
document.getElementById('go').onclick = () => socket.emit('go')
</script>`

const server = http.createServer((req, res) => {
  res.setHeader('Content-Type', 'text/html')
  res.end(page)
})

let moves = 0
new Server(server).on('connection', (socket) => {
  socket.on('go', () => {
    console.log(JSON.stringify({ act: 'go' }))
    socket.emit('moved', ++moves)
  })
})

server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ listening: `http://127.0.0.1:${server.address().port}` }))
})
