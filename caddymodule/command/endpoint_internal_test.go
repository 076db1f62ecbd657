package command

import (
	"strings"
	"testing"
)

func TestFromIsThisMachineOrAHostName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080 127.0.0.1:8080", ":9000": "http://127.0.0.1:9000 127.0.0.1:9000",
		"127.0.0.1": "http://127.0.0.1:8080 127.0.0.1:8080", "[::1]:8080": "http://[::1]:8080 [::1]:8080",
		"[::1]": "http://[::1]:8080 [::1]:8080", "localhost": "http://localhost:8080 127.0.0.1:8080",
		"localhost:80": "http://localhost 127.0.0.1:80", "[::1]:80": "http://[::1] [::1]:80",
		"lock.example.com": "https://lock.example.com :443", "rover:8443": "https://rover:8443 :8443",
	} {
		e, err := parseFrom(in)
		if err != nil || e.url()+" "+e.listen() != want {
			t.Errorf("%s: %s %s, %v", in, e.url(), e.listen(), err)
		}
	}
	for in, want := range map[string]string{
		"": "not an address", "0.0.0.0:8080": "this machine alone", "[::]:8080": "this machine alone", "192.168.1.2": "this machine alone",
		"http://127.0.0.1:8080": "not an address", "a.example.com, b.example.com": "not an address", "*.example.com": "not an address",
		"127.0.0.1:0": "not a number", "127.0.0.1:http": "not a number", "127.0.0.1:99999": "not a number", "{env.HOST}": "not an address",
		"lock.example.com:": "", "bücher.example.com": "not a host name", "a:b:c": "not a host name",
	} {
		if e, err := parseFrom(in); want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %+v, %v", in, e, err)
		}
	}
}

func TestToIsABotAndNothingElse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"127.0.0.1:3000": "http://127.0.0.1:3000", "http://rover.local": "http://rover.local", "https://rover:8443/": "https://rover:8443",
		":3000": "http://127.0.0.1:3000", "http://[::1]:3000": "http://[::1]:3000", "rover": "http://rover",
	} {
		if e, err := parseTo(in); err != nil || e.url() != want {
			t.Errorf("%s: %s, %v", in, e.url(), err)
		}
	}
	for in, want := range map[string]string{
		"http://127.0.0.1:3000/api": "path", "http://127.0.0.1:3000?a=b": "path or a query", "http://127.0.0.1:3000/#x": "path or a query",
		"http://user:hunter2@127.0.0.1:3000": "names a user", "ftp://127.0.0.1": `scheme "ftp"`, "ws://127.0.0.1:3000": `scheme "ws"`,
		"unix//run/bot.sock": "neither", "http://": "neither", "127.0.0.1:99999": "not a number", "http://{env.BOT}": "neither",
		"h2c://127.0.0.1": "not known", "http://a b": "neither",
	} {
		e, err := parseTo(in)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %+v, %v", in, e, err)
		}
	}
}

func TestALatchIsNotItsOwnBot(t *testing.T) {
	t.Parallel()
	for from, all := range map[string]map[string]bool{
		"127.0.0.1:8080":   {"127.0.0.1:8080": true, "localhost:8080": true, "0.0.0.0:8080": true, "[::]:8080": true, "127.0.0.1:3000": false, "rover:8080": false},
		"localhost:8080":   {"127.0.0.1:8080": true, "[::1]:8080": true, "LOCALHOST:8080": true},
		"lock.example.com": {"https://LOCK.example.com": true, "https://127.0.0.1": true, "http://127.0.0.1": false, "https://rover": false},
	} {
		for to, want := range all {
			f, err := parseFrom(from)
			if err != nil {
				t.Fatal(err)
			}
			e, err := parseTo(to)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.is(e); got != want {
				t.Errorf("%s is %s: %v", from, to, got)
			}
		}
	}
}
