package command

import (
	"cmp"
	"strings"
)

// mark is a word of a User-Agent field, and what people call it.
type mark struct{ word, name string }

// browsers and systems: the first whose word stands in the field. Nearly all say Mozilla, AppleWebKit and Safari, and Chrome is in
// most, so those come last.
var (
	browsers = []mark{
		{"SamsungBrowser/", "Samsung Internet"},
		{"EdgA/", "Edge"},
		{"EdgiOS/", "Edge"},
		{"Edg/", "Edge"},
		{"OPR/", "Opera"},
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
	systems = []mark{
		{"iPhone", "an iPhone"},
		{"iPad", "an iPad"},
		{"Android", "Android"},
		{"Windows", "Windows"},
		{"Macintosh", "a Mac"},
		{"CrOS", "ChromeOS"},
		{"Linux", "Linux"},
	}
)

// browser is what a browser says of itself, for people: anybody may say anything. What is not known is shown as it is.
func browser(userAgent string) string {
	name, system := named(userAgent, browsers), named(userAgent, systems)
	if name == "" || system == "" {
		return cmp.Or(visible(userAgent), "-")
	}
	return name + " on " + system
}

func named(userAgent string, all []mark) string {
	for _, m := range all {
		if strings.Contains(userAgent, m.word) {
			return m.name
		}
	}
	return ""
}
