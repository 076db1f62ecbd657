package botapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxBody is the most a request may carry, in bytes.
const maxBody = 4096

// parameter is an integer member of a body, and its range, both ends allowed.
type parameter struct {
	name      string
	low, high int
}

// member is one member of an object, as it stands there.
type member struct {
	name  string
	value json.RawMessage
}

// readIntegers reads a body that has exactly these parameters, and may be empty if there are none. The error is a
// *problem that names every member that is not as it should be.
func readIntegers(r *http.Request, parameters ...parameter) (map[string]int, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		if len(parameters) == 0 {
			return map[string]int{}, nil
		}
		return nil, newProblem(http.StatusBadRequest, "the body is empty: a JSON object is expected")
	}
	if err := checkJSON(r); err != nil {
		return nil, err
	}
	members, err := readObject(body)
	if err != nil {
		return nil, err
	}
	return integers(members, parameters)
}

func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is above %d bytes", maxBody))
	}
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "the body could not be read")
	}
	return body, nil
}

// checkJSON asks for the media type; a form that a web page can send unasked stops here.
func checkJSON(r *http.Request) error {
	types := r.Header.Values("Content-Type")
	if len(types) == 1 {
		mediaType, parameters, err := mime.ParseMediaType(types[0])
		charset, named := parameters["charset"]
		if err == nil && mediaType == "application/json" && (!named || strings.EqualFold(charset, "utf-8")) {
			return nil
		}
	}
	p := newProblem(http.StatusUnsupportedMediaType, "Content-Type application/json is expected")
	p.header.Set("Accept", "application/json") // RFC 9110 §15.5.16
	return p
}

// readObject takes an object apart without encoding/json's leniency: it would match names in any case, and take the last
// of two.
func readObject(body []byte) ([]member, error) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, newProblem(http.StatusBadRequest, "the body is not exactly one JSON value in UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, newProblem(http.StatusUnprocessableEntity, "the body is not a JSON object")
	}
	var members []member
	for d.More() {
		var m member
		name, err := d.Token()
		if err == nil {
			err = d.Decode(&m.value)
		}
		if err != nil { // json.Valid has seen to it
			return nil, newProblem(http.StatusBadRequest, "the body is not JSON")
		}
		m.name, _ = name.(string)
		members = append(members, m)
	}
	return members, nil
}

// integers finds each parameter among members, once, and nothing beside them.
func integers(members []member, parameters []parameter) (map[string]int, error) {
	var wrong []memberError
	found := make(map[string]int, len(parameters))
	for _, p := range parameters {
		value, detail := p.find(members)
		if detail != "" {
			wrong = append(wrong, memberError{pointer(p.name), p.name + " " + detail, &p.low, &p.high})
			continue
		}
		found[p.name] = value
	}
	for _, m := range members {
		if !slices.ContainsFunc(parameters, func(p parameter) bool { return p.name == m.name }) {
			wrong = append(wrong, memberError{Pointer: pointer(m.name), Detail: strconv.Quote(m.name) + " is not known here"})
		}
	}
	if wrong == nil {
		return found, nil
	}
	details := make([]string, len(wrong))
	for i, e := range wrong {
		details[i] = e.Detail
	}
	p := newProblem(http.StatusUnprocessableEntity, strings.Join(details, "; "))
	p.Errors = wrong
	return nil, p
}

// find returns the parameter's value, or what is wrong with it.
func (p parameter) find(members []member) (value int, wrong string) {
	var values []json.RawMessage
	for _, m := range members {
		if m.name == p.name {
			values = append(values, m.value)
		}
	}
	expected := fmt.Sprintf("an integer from %d to %d is expected", p.low, p.high)
	switch len(values) {
	case 0:
		return 0, "is missing: " + expected
	case 1:
	default:
		return 0, "stands more than once: " + expected
	}
	value, err := strconv.Atoi(string(values[0]))
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && (value < p.low || value > p.high):
		return 0, "is out of range: " + expected
	case err != nil:
		return 0, "is not an integer: " + expected
	}
	return value, ""
}

// pointer is the JSON pointer to a member of the root, as a URI fragment (RFC 6901 §3, §6).
func pointer(name string) string {
	return "#/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
}
