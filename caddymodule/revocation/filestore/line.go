package filestore

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// kinds are the words in front of a name.
var kinds = map[string]revocation.Kind{
	"jti": revocation.KindToken, "sub": revocation.KindSubject, "sid": revocation.KindSession,
	"kid": revocation.KindKey, "fingerprint": revocation.KindFingerprint,
}

// hold is the word for everything; it stands without a value.
const hold = "hold"

// parseLine reads one line. What is empty or a comment is no entry. Errors do not quote the line, whose values name people
// and tokens.
func parseLine(line string, issuer *string, at time.Time) (e revocation.Entry, there bool, err error) {
	if strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }) {
		return e, false, errors.New("holds a control character: this is no text")
	}
	said := make(map[string]bool)
	e.At = at
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" {
			break
		}
		if comment, ok := strings.CutPrefix(line, "#"); ok {
			e.Reason = revocation.FitReason(comment)
			break
		}
		word, value, rest, err := cutWord(line)
		if err != nil {
			return e, false, err
		}
		if said[word] {
			return e, false, fmt.Errorf("%s: stands twice", word)
		}
		said[word], line = true, rest
		if err := setWord(&e, word, value); err != nil {
			return e, false, err
		}
	}
	if len(said) == 0 {
		return e, false, nil
	}
	if err := name(&e, said, issuer); err != nil {
		return e, false, err
	}
	e = e.Canonical()
	return e, true, e.Validate()
}

// cutWord takes a word and its value off a line: word:value, word:"value in quotes", or a jti alone.
func cutWord(line string) (word, value, rest string, err error) {
	end := strings.IndexAny(line, " \t")
	if end < 0 {
		end = len(line)
	}
	word, value, found := strings.Cut(line[:end], ":")
	switch {
	case line[:end] == hold:
		// It would be the jti of no token, and the bot would go on.
		return "", "", "", errors.New("hold: write `hold:` to hold everything, or jti:hold for a token of this jti")
	case !found:
		return "jti", line[:end], line[end:], nil
	}
	if !strings.HasPrefix(value, `"`) {
		return word, value, line[end:], nil
	}
	quoted, err := strconv.QuotedPrefix(line[len(word)+1:])
	if err != nil {
		return "", "", "", fmt.Errorf("%s: its quotes do not end", word)
	}
	rest = line[len(word)+1+len(quoted):]
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return "", "", "", fmt.Errorf("%s: something stands directly behind its quotes", word)
	}
	value, err = strconv.Unquote(quoted)
	return word, value, rest, err
}

func setWord(e *revocation.Entry, word, value string) error {
	if word == hold {
		if value != "" {
			return errors.New("hold: takes no value: write the reason behind a #")
		}
		return setKind(e, revocation.KindHold, "")
	}
	if value == "" {
		return fmt.Errorf("%s: is empty", word)
	}
	switch word {
	case "iss":
		e.Issuer = value
		return nil
	case "before", "expires":
		t, err := time.Parse(time.RFC3339, value)
		if err != nil {
			return fmt.Errorf("%s: is not a time such as 2026-01-02T15:04:05Z", word)
		}
		if word == "before" {
			e.IssuedBefore = t
		} else {
			e.ExpiresAt = t
		}
		return nil
	}
	kind, known := kinds[word]
	if !known {
		return errors.New("unknown word: jti, sub, sid, kid, fingerprint, iss, before, expires and hold are known; write jti: in " +
			"front of a jti that has a colon in it")
	}
	return setKind(e, kind, value)
}

func setKind(e *revocation.Entry, kind revocation.Kind, value string) error {
	if e.Kind != 0 {
		return errors.New("names two things: write two lines")
	}
	e.Kind, e.Value = kind, value
	return nil
}

// name completes what a line names: an issuer or everything, if nothing else, and whose it is.
func name(e *revocation.Entry, said map[string]bool, issuer *string) error {
	switch {
	case e.Kind == 0 && said["iss"]:
		e.Kind = revocation.KindIssuer
	case e.Kind == 0 && said["before"]:
		e.Kind = revocation.KindAll
	case e.Kind == 0:
		return errors.New("names nothing")
	case e.Kind == revocation.KindKey, e.Kind == revocation.KindFingerprint, e.Kind == revocation.KindHold, said["iss"]:
	case issuer == nil:
		return errors.New(`says not whose it is: write iss:<iss> behind it, or issuer <iss> in the store's block ` +
			`(issuer "" for the tokens of a site's own secret or keys)`)
	default:
		e.Issuer = *issuer
	}
	return nil
}
