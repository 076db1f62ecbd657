package command

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Caddy's client makes text of an answer that is an error, and of a latch that is not there.
var (
	refusedAnswer = regexp.MustCompile(`(?s)^caddy responded with error: HTTP (\d{3}): (.*)$`)
	noAnswer      = regexp.MustCompile(`^performing request: \w+ "[^"]*": (.*)$`)
)

// whereElse is what to do when the wrong one answers, or none does.
const whereElse = "--address or --config name another"

// plain is what went wrong in the latch's own words, and what to do about it.
func plain(err error) error {
	if m := noAnswer.FindStringSubmatch(err.Error()); m != nil {
		return errors.New("asking the latch: " + m[1] + ": is it running, and is this its admin address? " + whereElse)
	}
	m := refusedAnswer.FindStringSubmatch(err.Error())
	if m == nil {
		return errors.New("asking the latch: " + err.Error())
	}
	status, _ := strconv.Atoi(m[1])
	var answer struct {
		Error string `json:"error"`
	}
	if json.Unmarshal([]byte(m[2]), &answer) != nil || answer.Error == "" {
		if status == http.StatusNotFound {
			return errors.New("there is a Caddy at this address, but it knows no such part of a latch: " + whereElse)
		}
		return errors.New("the latch answered " + m[1] + " without a reason: look into its log")
	}
	said := strings.TrimSpace(answer.Error)
	switch status {
	case http.StatusNotFound:
		said += ": " + whereElse
	case http.StatusInternalServerError:
		said += ": look into the latch's log"
	}
	return errors.New(said)
}
