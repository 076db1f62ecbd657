package jose_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

func TestParseObjectAccepts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":                        `{}`,
		"white space around":           " \t\r\n{ \"a\" : 1 } \t\r\n",
		"same name in two objects":     `{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":1}]}`,
		"name that differs by case":    `{"exp":1,"Exp":2,"EXP":3}`,
		"names that differ by NFC":     "{\"\u00e9\":1,\"e\u0301\":2}",
		"empty name":                   `{"":1}`,
		"colons and braces in strings": `{"a:b":"{[:]}","c":"\"{\\"}`,
		"escaped quote, backslash":     `{"a":"\\","b":"\"","c":"\\\"","d":"\\\\"}`,
		"surrogate pair":               `{"a":"\ud83e\udd16","\ud83e\udd16":"🤖"}`,
		"last pair":                    `{"a":"\udbff\udfff"}`,
		"escaped backslash before u":   `{"a":"\\ud800"}`,
		"U+FFFD written out":           `{"a":"\ufffd","\ufffd":1}`,
		"NUL escaped":                  `{"a\u0000":1,"a":2}`,
		"32 levels":                    repeat(`{"a":`, 31) + `{}` + repeat("}", 31),
	} {
		t.Run("ok/"+name, func(t *testing.T) {
			t.Parallel()
			if _, err := jose.ParseObject([]byte(text)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestParseObjectRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                     ``,
		"white space only":            ` `,
		"null":                        `null`,
		"array":                       `[]`,
		"string":                      `"a"`,
		"number":                      `1`,
		"cut off":                     `{"a":1`,
		"cut off in an escape":        `{"a":"\u00`,
		"trailing object":             `{"a":1}{"x":1}`,
		"trailing comma":              `{"a":1},`,
		"trailing bracket":            `{"a":1}]`,
		"trailing NUL":                "{\"a\":1}\x00",
		"trailing no-break space":     "{\"a\":1}\u00a0",
		"trailing form feed":          "{\"a\":1}\f",
		"comma before the end":        `{"a":1,}`,
		"comma in an array":           `{"a":[1,]}`,
		"no colon":                    `{"a" 1}`,
		"comment":                     `{/**/"a":1}`,
		"single quotes":               `{'a':1}`,
		"bare name":                   `{a:1}`,
		"leading zero":                `{"a":01}`,
		"plus sign":                   `{"a":+1}`,
		"hexadecimal":                 `{"a":0x1}`,
		"NaN":                         `{"a":NaN}`,
		"control byte in a string":    "{\"a\":\"\n\"}",
		"unknown escape":              `{"a":"\x41"}`,
		"byte order mark":             "\ufeff{}",
		"UTF-16":                      "{\x00}\x00",
		"invalid UTF-8 in a value":    "{\"a\":\"\xff\"}",
		"invalid UTF-8 in a name":     "{\"\xc3\x28\":1}",
		"overlong UTF-8":              "{\"a\":\"\xc0\xaf\"}",
		"surrogate as UTF-8":          "{\"a\":\"\xed\xa0\x80\"}",
		"high surrogate alone":        `{"a":"\ud800"}`,
		"high surrogate, letter":      `{"a":"\ud800a"}`,
		"high surrogate twice":        `{"a":"\ud800\ud800"}`,
		"low surrogate alone":         `{"a":"\udc00"}`,
		"surrogates in reverse":       `{"a":"\udc00\ud800"}`,
		"half surrogate in a name":    `{"\uD800":1}`,
		"half surrogate, capitals":    `{"a":"\uDFFF"}`,
		"duplicate":                   `{"a":1,"a":1}`,
		"duplicate, escaped":          `{"a":1,"\u0061":2}`,
		"duplicate, escaped both":     `{"\u0061":1,"a":2}`,
		"duplicate, escaped slash":    `{"/":1,"\/":2}`,
		"duplicate, capitals in hex":  `{"\u00e9":1,"\u00E9":2}`,
		"duplicate, pair and literal": `{"\ud83e\udd16":1,"🤖":2}`,
		"duplicate, empty":            `{"":1,"":2}`,
		"duplicate in depth":          `{"a":{"b":{"c":1,"c":1}}}`,
		"duplicate in an array":       `{"a":[0,{"b":1,"b":1}]}`,
		"duplicate objects":           `{"a":{"b":1},"a":{"c":1}}`,
		"duplicate then null":         `{"a":{"b":1,"c":2},"a":null}`,
		"33 levels":                   repeat(`{"a":`, 32) + `{}` + repeat("}", 32),
		"33 levels of arrays":         `{"a":` + repeat("[", 32) + repeat("]", 32) + `}`,
		"20 000 levels":               `{"a":` + repeat("[", 20000) + repeat("]", 20000) + `}`,
		"20 000 open":                 repeat(`{"a":`, 20000),
		"more than a MiB":             `{"a":"` + repeat("x", 1<<20) + `"}`,
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			o, err := jose.ParseObject([]byte(text))
			if err == nil {
				t.Fatalf("accepted as %v", o)
			}
			if o != nil {
				t.Error("an object beside an error")
			}
		})
	}
}

func TestParseObjectKeepsNumbersExact(t *testing.T) {
	t.Parallel()
	o, err := jose.ParseObject([]byte(`{"exp":9007199254740993,"f":1.50,"e":1e2}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]json.Number{"exp": "9007199254740993", "f": "1.50", "e": "1e2"} {
		if o[name] != want {
			t.Errorf("%s is %v, want %v", name, o[name], want)
		}
	}
}

// FuzzParseObject compares with the token stream of encoding/json: what ParseObject accepts is JSON, and no object in
// it has a name twice.
func FuzzParseObject(f *testing.F) {
	for _, text := range []string{
		`{}`, payload, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":{"b":[{"c":1},{"c":1}]}}`, `{"a":"\ud83e\udd16"}`,
		`{"a":"\ud800"}`, "{\"a\":\"\xff\"}", `{"a":1}{}`, `{"a:":"\\\"{"}`, `null`, `[[[{"a":0}]]]`, `{"a":1e400}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := jose.ParseObject(b)
		repeated, valid := repeats(b)
		if err == nil && (!valid || repeated || !json.Valid(b)) {
			t.Errorf("accepted %q: JSON %t, a name twice %t", b, valid, repeated)
		}
		if err == nil {
			if plain := plainly(b); !reflect.DeepEqual(map[string]any(o), plain) {
				t.Errorf("%q was read as %v, and encoding/json reads %v", b, o, plain)
			}
			if again, err := jose.ParseObject(must(json.Marshal(o))); err != nil || len(again) != len(o) {
				t.Errorf("%q does not survive writing: %v", b, err)
			}
		}
		// The other way round: nothing is refused without one of the reasons that stand in the docstring.
		if err != nil && valid && !repeated && json.Valid(b) && len(b) < 1000 && utf8.Valid(b) && !surrogate.Match(b) &&
			!strings.Contains(err.Error(), "nested") {
			t.Errorf("refused %q: %v", b, err)
		}
	})
}

// surrogate is an escape that is half of a pair, alone or not.
var surrogate = regexp.MustCompile(`(?i)\\ud[89a-f]`)

// plainly is what encoding/json alone reads.
func plainly(b []byte) (o map[string]any) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		return nil
	}
	return o
}

// repeats walks b's first value with another decoder, and reports whether an object in it has a name twice.
func repeats(b []byte) (repeated, object bool) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	type frame struct {
		names map[string]bool // nil: an array
		value bool            // the next token is a value
	}
	var stack []frame
	for first := true; ; first = false {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return repeated, object
		}
		if err != nil {
			return repeated, false
		}
		if first {
			object = tok == json.Delim('{')
		}
		top := len(stack) - 1
		if delim, ok := tok.(json.Delim); ok {
			switch delim {
			case '{':
				stack = append(stack, frame{names: map[string]bool{}})
			case '[':
				stack = append(stack, frame{})
			default:
				stack = stack[:top]
				if top--; top >= 0 {
					stack[top].value = false
				}
			}
			continue
		}
		if top < 0 || stack[top].names == nil {
			continue
		}
		if stack[top].value {
			stack[top].value = false
			continue
		}
		name := fmt.Sprint(tok)
		repeated = repeated || stack[top].names[name]
		stack[top].names[name], stack[top].value = true, true
	}
}
