'use strict'

// A bot as tutorials write it: whoever asks is believed, and GET acts. Nothing in here knows about tokens.

const express = require('express')
const five = require('johnny-five')

const { io } = require('./board')

const board = new five.Board({ io, repl: false, debug: false, timeout: 60000 })

board.on('ready', () => {
  const arm = new five.Servo({ pin: 9, startAt: 90 })
  const bolt = new five.Servo({ pin: 10, startAt: 90 })
  const led = new five.Led(13)
  const thermometer = new five.Thermometer({ controller: 'TMP36', pin: 'A0' })

  const app = express()

  app.use((req, res, next) => {
    console.log(JSON.stringify({ request: `${req.method} ${req.url}` }))
    next()
  })

  app.get('/servo/:degrees', (req, res) => {
    const degrees = Number(req.params.degrees)
    if (!(degrees >= 0 && degrees <= 180)) {
      return res.status(400).json({ error: 'degrees must be 0 to 180' })
    }
    arm.to(degrees)
    res.json({ degrees })
  })

  app.get('/door/lock', (req, res) => {
    bolt.to(90)
    res.json({ locked: true })
  })

  app.get('/door/unlock', (req, res) => {
    bolt.to(0)
    res.json({ locked: false })
  })

  app.get('/led/on', (req, res) => {
    led.on()
    res.json({ led: true })
  })

  app.get('/led/off', (req, res) => {
    led.off()
    res.json({ led: false })
  })

  app.get('/status', (req, res) => {
    res.json({
      degrees: arm.position,
      locked: bolt.position === 90,
      led: led.isOn,
      celsius: thermometer.celsius
    })
  })

  // Loopback: the latch is the only way in from elsewhere.
  const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
    if (error) throw error
    const { address, port } = server.address()
    console.log(JSON.stringify({ listening: `http://${address}:${port}` }))
  })
})
