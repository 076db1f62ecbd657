'use strict'

// A board that exists in this process only: its parts remember what they did, and tell it on standard output, one line of
// JSON for each act.

class Servo {
  constructor (name) {
    this.name = name
    this.position = 90
    this.acts = 0
  }

  to (degrees) {
    this.position = degrees
    this.acts++
    console.log(JSON.stringify({ servo: this.name, degrees, acts: this.acts }))
  }
}

class Thermometer {
  get celsius () {
    return 21.5
  }
}

module.exports = { Servo, Thermometer }
