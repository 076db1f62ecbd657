//go:build race

package caddymodule_test

// The race detector keeps books of every byte, and its caches are full sooner.
const raceCost = 2
