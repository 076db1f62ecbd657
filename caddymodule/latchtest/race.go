//go:build race

package latchtest

const raceDetector = true
