//go:build !race

package attacks_test

// stride is 1: the whole corpus.
const stride = 1
