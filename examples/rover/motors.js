'use strict'

// The two motors, as numbers: how fast each turns, -100 to 100. They go on until they are told otherwise.

const speeds = { left: 0, right: 0 }
let stops = 0
let waypoints = 0

const speed = (n) => Math.max(-100, Math.min(100, Number(n) || 0))

const motors = {
  set ({ left, right }) {
    speeds.left = speed(left)
    speeds.right = speed(right)
  },
  stop () {
    motors.set({ left: 0, right: 0 })
    stops++
  },
  follow (route) {
    waypoints = route
  },
  state () {
    return { ...speeds, stops, waypoints }
  }
}

module.exports = { motors }
