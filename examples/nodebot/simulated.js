'use strict'

const { EventEmitter } = require('node:events')

const INPUT = 0
const OUTPUT = 1
const ANALOG = 2
const SERVO = 4

// SimulatedBoard exists in this process only. It is an IO plugin of johnny-five with what the bot uses of one, and tells
// what it is told on standard output, one line of JSON for each act.
class SimulatedBoard extends EventEmitter {
  name = 'simulated'
  isReady = true
  MODES = { INPUT, OUTPUT, ANALOG, SERVO }
  HIGH = 1
  LOW = 0
  pins = Array.from({ length: 14 }, () => ({ supportedModes: [INPUT, OUTPUT, SERVO] }))
  analogPins = []

  pinMode () {}

  servoWrite (pin, width) {
    console.log(JSON.stringify({ pin, width }))
  }

  digitalWrite (pin, value) {
    console.log(JSON.stringify({ pin, high: value === this.HIGH }))
  }

  // analogRead is what a TMP36 at 21 degrees says.
  analogRead (pin, told) {
    setInterval(() => told(146), 20)
  }
}

module.exports = { SimulatedBoard }
