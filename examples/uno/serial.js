'use strict'

const net = require('node:net')

const PATIENCE = 1000 // milliseconds

// server is the serial port of a board, for one program at a time. To open it resets the board, as it does on a real Uno;
// to close it does not, so servos stay where they are. Another program waits a second for the port and is hung up on then.
function server (board) {
  let holder = null
  const waiting = []

  const next = () => {
    holder = waiting.shift() ?? null
    if (holder === null) return
    const socket = holder
    clearTimeout(socket.patience)
    board.reset()
    board.transmit = (byte) => socket.write(Buffer.from([byte]))
    socket.on('data', (data) => board.receive(data))
    socket.on('close', () => {
      board.transmit = () => {}
      next()
    })
  }

  return net.createServer((socket) => {
    socket.setNoDelay()
    socket.on('error', () => {}) // it is closed then
    socket.patience = setTimeout(() => socket.destroy(), PATIENCE)
    socket.once('close', () => {
      clearTimeout(socket.patience)
      const at = waiting.indexOf(socket)
      if (at >= 0) waiting.splice(at, 1)
    })
    waiting.push(socket)
    if (holder === null) next()
  })
}

module.exports = { server }
