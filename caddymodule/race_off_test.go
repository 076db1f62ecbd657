//go:build !race

package caddymodule_test

const raceCost = 1
