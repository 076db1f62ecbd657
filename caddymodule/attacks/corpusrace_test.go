//go:build race

package attacks_test

// stride: the race detector makes the latch slow, so every seventh shot of a corpus is enough.
const stride = 7
