package botapi

import (
	"net/http"
	"strings"
	"testing"
)

const asJSON = "application/json"

// refused are bodies for PUT /api/arm/joints/shoulder, whose angle goes from 15 to 165. pointers are the members the
// problem must name.
var refused = map[string]struct {
	mediaType, body string
	status          int
	pointers        string
}{
	"bad/no body":            {asJSON, "", 400, ""},
	"bad/not JSON":           {asJSON, "angle=45", 400, ""},
	"bad/cut short":          {asJSON, `{"angle":45`, 400, ""},
	"bad/trailing text":      {asJSON, `{"angle":45}x`, 400, ""},
	"bad/two values":         {asJSON, `{"angle":45}{"angle":46}`, 400, ""},
	"bad/trailing NUL":       {asJSON, "{\"angle\":45}\x00", 400, ""},
	"bad/byte order mark":    {asJSON, "\ufeff" + `{"angle":45}`, 400, ""},
	"bad/not UTF-8":          {asJSON, "{\"angle\":45,\"\xff\":1}", 400, ""},
	"bad/NaN":                {asJSON, `{"angle":NaN}`, 400, ""},
	"bad/hexadecimal":        {asJSON, `{"angle":0x2d}`, 400, ""},
	"bad/leading zero":       {asJSON, `{"angle":045}`, 400, ""},
	"bad/plus":               {asJSON, `{"angle":+45}`, 400, ""},
	"bad/comment":            {asJSON, `{"angle":45/*deg*/}`, 400, ""},
	"bad/array":              {asJSON, `[45]`, 422, ""},
	"bad/array of objects":   {asJSON, `[{"angle":45}]`, 422, ""},
	"bad/bare number":        {asJSON, `45`, 422, ""},
	"bad/null":               {asJSON, `null`, 422, ""},
	"bad/missing":            {asJSON, `{}`, 422, "#/angle"},
	"bad/other case":         {asJSON, `{"Angle":45}`, 422, "#/angle #/Angle"},
	"bad/unknown beside it":  {asJSON, `{"angle":45,"speed":9}`, 422, "#/speed"},
	"bad/unknown alone":      {asJSON, `{"angel":45}`, 422, "#/angle #/angel"},
	"bad/pointer escapes":    {asJSON, `{"angle":45,"a/b~c %":1}`, 422, "#/a~1b~0c%20%25"},
	"bad/repeated":           {asJSON, `{"angle":45,"angle":45}`, 422, "#/angle"},
	"bad/repeated, escaped":  {asJSON, `{"angle":45,"\u0061ngle":46}`, 422, "#/angle"},
	"bad/string":             {asJSON, `{"angle":"45"}`, 422, "#/angle"},
	"bad/true":               {asJSON, `{"angle":true}`, 422, "#/angle"},
	"bad/null member":        {asJSON, `{"angle":null}`, 422, "#/angle"},
	"bad/list":               {asJSON, `{"angle":[45]}`, 422, "#/angle"},
	"bad/nested":             {asJSON, `{"angle":{"angle":45}}`, 422, "#/angle"},
	"bad/fraction":           {asJSON, `{"angle":45.5}`, 422, "#/angle"},
	"bad/whole fraction":     {asJSON, `{"angle":45.0}`, 422, "#/angle"},
	"bad/exponent":           {asJSON, `{"angle":45e0}`, 422, "#/angle"},
	"bad/below":              {asJSON, `{"angle":14}`, 422, "#/angle"},
	"bad/above":              {asJSON, `{"angle":166}`, 422, "#/angle"},
	"bad/negative":           {asJSON, `{"angle":-45}`, 422, "#/angle"},
	"bad/wraps in a byte":    {asJSON, `{"angle":301}`, 422, "#/angle"}, // 301 mod 256 is 45
	"bad/wraps in 64 bits":   {asJSON, `{"angle":18446744073709551661}`, 422, "#/angle"},
	"bad/huge":               {asJSON, `{"angle":` + strings.Repeat("9", 3000) + `}`, 422, "#/angle"},
	"bad/one byte too large": {asJSON, `{"angle":45` + strings.Repeat(" ", maxBody-11) + `}`, 413, ""},
	"bad/far too large":      {asJSON, `{"angle":45}` + strings.Repeat(" ", 1<<16), 413, ""},
	"bad/no media type":      {"", `{"angle":45}`, 415, ""},
	"bad/text":               {"text/plain", `{"angle":45}`, 415, ""},
	"bad/form":               {"application/x-www-form-urlencoded", `{"angle":45}`, 415, ""},
	"bad/multipart":          {"multipart/form-data; boundary=x", `{"angle":45}`, 415, ""},
	"bad/JSON of a kind":     {"application/merge-patch+json", `{"angle":45}`, 415, ""},
	"bad/charset":            {"application/json; charset=utf-16", `{"angle":45}`, 415, ""},
	"bad/media type grammar": {"application/json; charset", `{"angle":45}`, 415, ""},
}

func TestRefusesABodyAndMovesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	moves, before := b.board.Actuations(), b.positions()
	t.Cleanup(func() {
		if b.board.Actuations() != moves || b.positions() != before {
			t.Errorf("moved to %v", b.positions())
		}
	})
	for name, c := range refused {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			if c.mediaType != "" {
				header.Set("Content-Type", c.mediaType)
			}
			r := b.askWith(t, "PUT", "/api/arm/joints/shoulder", c.body, header)
			p := r.wantProblem(t, c.status)
			var pointers []string
			for _, e := range p.Errors {
				pointers = append(pointers, e.Pointer)
				if !strings.Contains(p.Detail, e.Detail) || e.Detail == "" {
					t.Errorf("detail %q leaves out %q", p.Detail, e.Detail)
				}
				if e.Pointer == "#/angle" && (e.Minimum == nil || *e.Minimum != 15 || e.Maximum == nil || *e.Maximum != 165 ||
					!strings.Contains(e.Detail, "from 15 to 165")) {
					t.Errorf("the range is not named: %s", r.body)
				}
			}
			if got := strings.Join(pointers, " "); got != c.pointers {
				t.Errorf("names %q, want %q", got, c.pointers)
			}
			if wrongType := c.status == http.StatusUnsupportedMediaType; (r.header.Get("Accept") == asJSON) != wrongType {
				t.Errorf("Accept is %q", r.header.Get("Accept"))
			}
		})
	}
}

func TestAcceptsJSONByAnyOfItsNames(t *testing.T) {
	t.Parallel()
	for _, mediaType := range []string{"application/json", "Application/JSON", "application/json; charset=UTF-8"} {
		t.Run("ok/"+mediaType, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			header := http.Header{"Content-Type": {mediaType}}
			if r := b.askWith(t, "PUT", "/api/arm/joints/base", `{"angle":45}`, header); r.status != http.StatusOK {
				t.Errorf("%d %s", r.status, r.body)
			}
			if b.board.Servo(PinBase) != 45 {
				t.Error("not moved")
			}
		})
	}
}

func TestRefusesTwoMediaTypes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, mediaTypes := range [][]string{{"text/plain", asJSON}, {asJSON, "text/plain"}, {asJSON, asJSON}} {
		header := http.Header{"Content-Type": mediaTypes}
		b.askWith(t, "PUT", "/api/arm/joints/base", `{"angle":45}`, header).wantProblem(t, http.StatusUnsupportedMediaType)
	}
	if b.board.Servo(PinBase) != 90 {
		t.Error("moved")
	}
}

func TestRefusesABodyForTheDoor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.board.Actuations()
	for body, status := range map[string]int{
		`{"angle":45}`: 422, `{"locked":false}`: 422, `[]`: 422, `x`: 400, `{}{}`: 400,
		strings.Repeat(" ", maxBody+1): 413,
	} {
		for _, act := range []string{"lock", "unlock"} {
			b.ask(t, "POST", "/api/door/"+act, body).wantProblem(t, status)
		}
	}
	b.askWith(t, "POST", "/api/door/unlock", `{}`, http.Header{}).wantProblem(t, 415)
	if b.board.Actuations() != before || b.board.Servo(PinDoor) != AngleLocked {
		t.Error("moved")
	}
}
