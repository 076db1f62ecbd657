'use strict'

// A rover as tutorials write it: whoever connects drives it. Nothing in here knows about tokens, and nothing stops the motors
// when a WebSocket closes.

const http = require('node:http')

const express = require('express')
const { Server } = require('socket.io')
const { WebSocketServer } = require('ws')

const { frame, width } = require('./frame')
const { motors } = require('./motors')
const { sessions } = require('./sessions')

const app = express()

app.get('/state', (req, res) => {
  const pilots = Object.values(io.engine.clients)
  res.json({
    ...motors.state(),
    drivers: drivers.clients.size,
    pilots: pilots.length,
    reachable: pilots.filter(({ transport }) => transport.writable).length, // between two polls a pilot is not
    arriving
  })
})

app.post('/stop', (req, res) => {
  motors.stop()
  res.json(motors.state())
})

// A route to follow, a line each waypoint. It counts when all of it is here.
let arriving = 0 // waypoints of one that is not

app.put('/route', (req, res) => {
  let waypoints = 0
  req.on('data', (chunk) => {
    waypoints += chunk.toString('latin1').split('\n').length - 1
    arriving = waypoints
  })
  req.on('end', () => {
    motors.follow(waypoints)
    res.json({ waypoints })
  })
  res.on('close', () => { arriving = 0 })
})

app.get('/telemetry', (req, res) => {
  res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  res.flushHeaders()
  res.write('retry: 200\n\n') // come back soon when the line breaks
  const tell = () => res.write(`data: ${JSON.stringify(motors.state())}\n\n`)
  tell()
  const every = setInterval(tell, 50)
  res.on('close', () => clearInterval(every))
})

app.get('/camera', (req, res) => {
  res.set({ 'Content-Type': 'multipart/x-mixed-replace; boundary=frame', 'Cache-Control': 'no-store' })
  let shown = 0
  const show = () => {
    const picture = frame(shown++ % width)
    res.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`)
    res.write(picture)
    res.write('\r\n')
  }
  show()
  const every = setInterval(show, 50)
  res.on('close', () => clearInterval(every))
})

const server = http.createServer(app)

// ws: {"left":n,"right":n}. With ?session= a driver comes back to what was.
const drivers = new WebSocketServer({ noServer: true })

server.on('upgrade', (req, socket, head) => {
  const url = new URL(req.url, 'http://rover')
  if (url.pathname !== '/drive') return // socket.io has a listener of its own
  drivers.handleUpgrade(req, socket, head, (ws) => drive(ws, url.searchParams.get('session')))
})

function drive (ws, name) {
  const session = sessions.enter(name)
  ws.send(JSON.stringify({ session: session.name, commands: session.commands }))
  ws.on('message', (data) => {
    motors.set(JSON.parse(data))
    session.commands++
    ws.send(JSON.stringify({ ...motors.state(), commands: session.commands }))
  })
  ws.on('error', () => {})
  ws.on('close', () => sessions.leave(session))
}

// socket.io: the event "drive" with the same, answered the same way. A pilot who is soon back is known again.
const io = new Server(server, { connectionStateRecovery: { maxDisconnectionDuration: 10000 } })

io.on('connection', (socket) => {
  socket.emit('motors', motors.state())
  socket.on('drive', (speeds, answer) => {
    motors.set(speeds)
    answer(motors.state())
  })
  socket.on('disconnect', () => motors.set({ left: 0, right: 0 }))
})

// Loopback: the latch is the only way in from elsewhere.
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { address, port } = server.address()
  console.log(JSON.stringify({ listening: `http://${address}:${port}` }))
})
