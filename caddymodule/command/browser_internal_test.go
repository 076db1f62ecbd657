package command

import "testing"

func TestNamesBrowsersAsPeopleDo(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1": "Safari on an iPhone",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36":                         "Chrome on Android",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36":     "Samsung Internet on Android",
		"Mozilla/5.0 (Android 15; Mobile; rv:139.0) Gecko/139.0 Firefox/139.0":                                                                    "Firefox on Android",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0":           "Edge on Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0":                                                                  "Firefox on Linux",
		"curl/8.14.1":        "curl/8.14.1",
		"":                   "-",
		"Firefox\x1b[2J":     `"Firefox\x1b[2J"`,
		"a\tb":               `"a\tb"`,
		"Chrome/1\x1b[2J":    `"Chrome/1\x1b[2J"`,
		"Chrome/1 Linux\x07": "Chrome on Linux", // its own words are not shown
	} {
		if got := browser(said); got != want {
			t.Errorf("%q is called %q, want %q", said, got, want)
		}
	}
}
