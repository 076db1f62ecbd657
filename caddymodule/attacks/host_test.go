package attacks_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestP6_NoSpellingOfTheHostPassesTheLatch: Caddy looks hosts up in another way when a site has more than a hundred. The
// site of the bot has so many; beside it stand one that is open, with another bot, and none for other names.
func TestP6_NoSpellingOfTheHostPassesTheLatch(t *testing.T) {
	t.Parallel()
	hosts := make([]string, 120)
	for i := range hosts {
		hosts[i] = fmt.Sprintf("http://bot%d.test:{$PORT}", i)
	}
	s := newStage(t, options+strings.Join(hosts, ", ")+` {
	bind 127.0.0.1
	botlatch {
		allow GET,POST /servo/* scope drive
		allow GET /** scope observe
	}
	reverse_proxy {$BOT}
}
http://open.test:{$PORT} {
	bind 127.0.0.1
	botlatch {
		public GET /**
	}
	respond "open"
}
`)
	port := s.address()[strings.LastIndexByte(s.address(), ':'):]
	wire := func(target, host, token string) string {
		return strings.ReplaceAll("GET "+target+" HTTP/1.1\nHost: "+host+"\n"+token+"\n", "{port}", port)
	}
	const observer, driver = "Authorization: Bearer {observer}\n", "Authorization: Bearer {driver}\n"
	var attacks []attack
	for _, host := range []string{"bot7.test{port}", "BOT7.TEST{port}", "Bot7.Test{port}", "bOT119.tEST{port}", "bot7.test", "bot7.test:1", "bot7.test:80"} {
		attacks = append(attacks, attack{host, wire("{act}", host, ""), 401}, attack{host, wire("{act}", host, observer), 403})
	}
	for _, target := range []string{
		"http://open.test{port}{act}", "http://OPEN.test{act}", "http://bot8.test{port}{act}", "http://bot7.test{act}", "http://bot7.test.{port}{act}", "http://u@bot7.test{port}{act}", "http:{act}", "http://{act}",
	} {
		// RFC 9112 §3.2.2: the host of the target counts, so another site may answer; one with the bot asks for a token.
		for _, token := range []string{"", observer} {
			attacks = append(attacks, attack{target + " " + token, wire(target, "bot7.test{port}", token), 0})
		}
	}
	reach := s.bot.Hits()
	for _, a := range attacks {
		got := send(t, s.address(), s.words(t).Replace(a.wire))
		if a.status != 0 && got.status != a.status {
			t.Errorf("%s: status %d, want %d", a.name, got.status, a.status)
		}
	}
	// No site has these names: Caddy answers, without any bot.
	for _, host := range []string{"bot7.test.{port}", "bot7.test..{port}", "bot7.test%00{port}", "x.bot7.test{port}", "bot7", "bot7.test,open.test", "boſ7.test{port}", "bot7.test{port}\nHost: open.test"} {
		for _, token := range []string{"", observer} {
			send(t, s.address(), s.words(t).Replace(wire("{act}", host, token)))
		}
	}
	if got := s.settled(reach); got != reach {
		t.Errorf("%d requests reached the bot, the last %s for %s", got-reach, s.bot.Last().RequestURI, s.bot.Last().Host)
	}
	for _, host := range []string{"bot7.test{port}", "BOT119.test{port}"} {
		if got := send(t, s.address(), s.words(t).Replace(wire("{act}", host, driver))); got.status != 200 || got.body != "bot" {
			t.Errorf("honest: %s: status %d, %s", host, got.status, got.body)
		}
	}
}
