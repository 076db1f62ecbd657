'use strict'

// The board, as johnny-five wants it. BOT_BOARD=host:port is one that runs StandardFirmata behind a TCP port, such as the Uno
// in ../uno; otherwise it is simulated. For one at a USB port bot.js needs no io, only johnny-five's own serialport package.

const net = require('node:net')

const { Firmata } = require('firmata-io')

const { SimulatedBoard } = require('./simulated')

function overTCP (address) {
  const [, host, port] = /^(.+):(\d+)$/.exec(address) ?? []
  if (!host) throw new Error(`BOT_BOARD=${address} is not host:port`)
  const socket = net.connect({ host, port: Number(port), noDelay: true })
  socket.once('connect', () => socket.emit('open')) // as serial ports say it
  const lost = (why) => {
    console.error(`the board at ${address} is lost: ${why}`)
    process.exit(1) // rather than to answer for servos that do not move
  }
  socket.once('close', () => lost('it closed the line'))
  const io = new Firmata(socket)
  io.on('error', (error) => lost(error.message))
  return io
}

const { BOT_BOARD: where = 'simulated' } = process.env

module.exports = { io: where === 'simulated' ? new SimulatedBoard() : overTCP(where) }
