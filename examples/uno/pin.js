'use strict'

const { PinState } = require('avr8js')

const HERTZ = 16e6
const MICROSECOND = HERTZ / 1e6
const LONGEST_PULSE = 3000 // microseconds; a servo takes 544 to 2400
const FRAME = 50e3 // microseconds; a servo gets a pulse every 20,000
const JITTER = 8 // microseconds by which another interrupt, if one comes just then, lengthens a pulse; a degree is 10

// TIMERS are, of the pins that a timer can drive, the register that says whether it does, and where in it.
const TIMERS = { 3: [0xb0, 4], 5: [0x44, 4], 6: [0x44, 6], 9: [0x80, 6], 10: [0x80, 4], 11: [0xb0, 6] }

// Pin is what can be seen on a pin from outside. What it remembers outlasts a reset, as the place of a servo does.
class Pin {
  #cpu
  #state // of the port
  #rose // when it became high, in cycles; undefined: unknown
  #dimmed = false // a timer made it high then
  #pulsed // when the last pulse ended
  #pulse = 0
  #high = false
  #width = 0
  #moves = 0
  #pulses = 0
  #duty = 0

  constructor (number) {
    this.number = number
  }

  // connect watches a bit of a port. A pulse that a reset cuts short is none.
  connect (cpu, port, bit) {
    this.#cpu = cpu
    this.#state = () => port.pinState(bit)
    this.#rose = this.#pulsed = undefined
    this.#high = false
    port.addListener(() => {
      const high = this.#state() === PinState.High
      if (high === this.#high) return
      this.#high = high
      if (high) this.#rises(cpu.cycles)
      else this.#falls(cpu.cycles)
    })
  }

  #rises (now) {
    if (this.#rose !== undefined) this.#duty = Math.round((255 * this.#pulse) / (now - this.#rose))
    this.#rose = now
    this.#dimmed = this.#timed()
  }

  #falls (now) {
    this.#pulse = now - this.#rose
    const width = Math.round(this.#pulse / MICROSECOND)
    if (width > LONGEST_PULSE || this.#dimmed || this.#timed()) return // the last of a dimmed LED's is cut short
    this.#pulsed = now
    this.#pulses++
    if (Math.abs(width - this.#width) > JITTER) {
      this.#moves++
      this.#width = width
    } else {
      this.#width = Math.min(width, this.#width)
    }
  }

  #timed () {
    const [register, bit] = TIMERS[this.number] ?? []
    return register !== undefined && ((this.#cpu.data[register] >> bit) & 3) !== 0
  }

  #mode () {
    const state = this.#state()
    if (state !== PinState.High && state !== PinState.Low) return 'input'
    if (this.#timed()) return 'pwm'
    return this.#cpu.cycles - this.#pulsed < FRAME * MICROSECOND ? 'servo' : 'output'
  }

  // reading is all of it: the mode; whether the pin is high at this moment; the width of the servo's pulses in microseconds
  // (0: there was none yet), how often it changed, and how many pulses there were; and the duty, 0 to 255.
  reading () {
    const mode = this.#mode()
    const duty = { pwm: this.#duty, output: this.#high ? 255 : 0 }[mode] ?? 0
    return { mode, high: this.#high, width: this.#width, moves: this.#moves, pulses: this.#pulses, duty }
  }
}

module.exports = { HERTZ, Pin }
