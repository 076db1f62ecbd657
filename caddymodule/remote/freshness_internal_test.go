package remote

import (
	"net/http"
	"testing"
	"time"
)

func TestAnAnswerSaysHowLongItIsFresh(t *testing.T) {
	t.Parallel()
	const hardly = time.Nanosecond
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour).Format(http.TimeFormat)
	for name, c := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"says nothing":        {http.Header{}, 0},
		"max-age":             {http.Header{"Cache-Control": {"public, max-age=300, must-revalidate"}}, 5 * time.Minute},
		"in capitals, quoted": {http.Header{"Cache-Control": {`Max-Age="300"`}}, 5 * time.Minute},
		"in two fields":       {http.Header{"Cache-Control": {"public", "max-age=300"}}, 5 * time.Minute},
		"with an age":         {http.Header{"Cache-Control": {"max-age=300"}, "Age": {"240"}}, time.Minute},
		"older than it may":   {http.Header{"Cache-Control": {"max-age=300"}, "Age": {"400"}}, hardly},
		"age that is none":    {http.Header{"Cache-Control": {"max-age=300"}, "Age": {"old"}}, 5 * time.Minute},
		"zero":                {http.Header{"Cache-Control": {"max-age=0"}, "Expires": {later}}, hardly},
		"no-store":            {http.Header{"Cache-Control": {"max-age=300, no-store"}}, hardly},
		"no-cache":            {http.Header{"Cache-Control": {"no-cache"}}, hardly},
		"not a number":        {http.Header{"Cache-Control": {"max-age=soon"}}, hardly},
		"negative":            {http.Header{"Cache-Control": {"max-age=-5"}}, hardly},
		"beyond every number": {http.Header{"Cache-Control": {"max-age=99999999999999999999999"}}, 365 * 24 * time.Hour},
		"private alone":       {http.Header{"Cache-Control": {"private"}}, 0},
		"Expires":             {http.Header{"Expires": {later}}, time.Hour},
		"max-age counts":      {http.Header{"Expires": {later}, "Cache-Control": {"max-age=300"}}, 5 * time.Minute},
		"Expires that is 0":   {http.Header{"Expires": {"0"}}, hardly},
		"Expires of the past": {http.Header{"Expires": {now.Format(http.TimeFormat)}}, hardly},
	} {
		if got := freshness(c.header, now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
