package command

import (
	"errors"
	"testing"
)

func TestSaysPlainlyWhatWentWrong(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		`caddy responded with error: HTTP 400: {"error":"iss is one of [\"a\"]"}` + "\n":                                          `iss is one of ["a"]`,
		`caddy responded with error: HTTP 404: {"error":"no latch is running"}`:                                                   "no latch is running: --address or --config name another",
		"caddy responded with error: HTTP 404: 404 page not found\n":                                                              "there is a Caddy at this address, but it knows no such part of a latch: --address or --config name another",
		`caddy responded with error: HTTP 500: {"error":"x"}`:                                                                     "x: look into the latch's log",
		`caddy responded with error: HTTP 502: <html>`:                                                                            "the latch answered 502 without a reason: look into its log",
		`caddy responded with error: HTTP 503: {"error":""}`:                                                                      "the latch answered 503 without a reason: look into its log",
		`performing request: Post "http://127.0.0.1/botlatch/revocations": dial unix /a.sock: connect: no such file or directory`: "asking the latch: dial unix /a.sock: connect: no such file or directory: is it running, and is this its admin address? --address or --config name another",
		"something else": "asking the latch: something else",
	} {
		if got := plain(errors.New(said)).Error(); got != want {
			t.Errorf("%q becomes %q, want %q", said, got, want)
		}
	}
}
