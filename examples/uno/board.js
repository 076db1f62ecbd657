'use strict'

const fs = require('node:fs')

const avr = require('avr8js')

const { HERTZ, Pin } = require('./pin')

const FIRMWARE = require.resolve('avrgirl-arduino/junk/hex/uno/StandardFirmata.cpp.hex')
const FIRST = 2 // pins 0 and 1 are the serial port
const LAST = 13
const SLICE = HERTZ / 25
const RECEIVED = 0x80 // RXC0 of UCSR0A: a byte that was not read yet

// flash reads an Intel HEX file into program memory.
function flash (file) {
  const program = new Uint16Array(0x4000)
  const bytes = new Uint8Array(program.buffer)
  for (const record of fs.readFileSync(file, 'utf8').split('\n')) {
    const [length, high, low, type, ...data] = Buffer.from(record.trim().slice(1), 'hex')
    if (type === 0) bytes.set(data.slice(0, length), high * 256 + low)
  }
  return program
}

// Board is the ATmega328P and what is soldered to it. It runs from start on, without end.
class Board {
  #program = flash(FIRMWARE)
  #cpu
  #usart
  #received = []

  constructor () {
    // transmit gets each byte that the board sends.
    this.transmit = () => {}
    this.pins = new Map()
    for (let number = FIRST; number <= LAST; number++) this.pins.set(number, new Pin(number))
    this.reset()
  }

  // reset is the button: the firmware begins anew, and all pins are inputs.
  reset () {
    const cpu = new avr.CPU(this.#program)
    const ports = [new avr.AVRIOPort(cpu, avr.portDConfig), new avr.AVRIOPort(cpu, avr.portBConfig)]
    for (const timer of [avr.timer0Config, avr.timer1Config, avr.timer2Config]) new avr.AVRTimer(cpu, timer)
    new avr.AVRADC(cpu, avr.adcConfig).channelValues[0] = 0.7129 // volts: a TMP36 at 21.5 degrees
    for (const pin of this.pins.values()) pin.connect(cpu, ports[pin.number >> 3], pin.number & 7)

    this.#cpu = cpu
    this.#received.length = 0
    this.#usart = new avr.AVRUSART(cpu, avr.usart0Config, HERTZ)
    this.#usart.onByteTransmit = (byte) => this.transmit(byte)
  }

  // receive takes bytes in, which the board hears at the speed of its line.
  receive (data) {
    this.#received.push(...data)
  }

  // start lets time pass as it does outside, or slower if this machine is slow.
  start () {
    let before = process.hrtime.bigint()
    const run = () => {
      const now = process.hrtime.bigint()
      this.#run(Math.min((Number(now - before) * HERTZ) / 1e9, SLICE))
      before = now
      setTimeout(run, 2)
    }
    run()
  }

  #run (cycles) {
    const cpu = this.#cpu
    const end = cpu.cycles + cycles
    while (cpu.cycles < end) {
      if (this.#received.length > 0) this.#feed()
      avr.avrInstruction(cpu)
      cpu.tick()
    }
  }

  // feed lets the board hear the next byte, when it has read the last one: this line loses none.
  #feed () {
    const unread = this.#cpu.data[avr.usart0Config.UCSRA] & RECEIVED
    if (!this.#usart.rxBusy && !unread) this.#usart.writeByte(this.#received.shift())
  }
}

module.exports = { Board }
