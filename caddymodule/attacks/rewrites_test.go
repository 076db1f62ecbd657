package attacks_test

import (
	"strings"
	"testing"
)

// rewritten are sites on which something changes the path: before the latch, which then judges what the bot gets; or
// behind it, where the latch judges what the client wrote, and the rules are about that.
const rewritten = `
(latch) {
	botlatch {
		public GET /public/**
		allow GET,POST /servo/* scope drive
		allow GET /** scope observe
	}
}
http://stripped.test:{$PORT} {
	bind 127.0.0.1
	uri strip_prefix /v1
	import latch
	reverse_proxy {$BOT}
}
http://replaced.test:{$PORT} {
	bind 127.0.0.1
	uri replace /motor/ /servo/
	import latch
	reverse_proxy {$BOT}
}
http://rewritten.test:{$PORT} {
	bind 127.0.0.1
	@move path_regexp move ^/public/move/(.+)$
	rewrite @move /servo/{re.move.1}
	import latch
	reverse_proxy {$BOT}
}
http://routed.test:{$PORT} {
	bind 127.0.0.1
	route {
		uri strip_prefix /public
		import latch
		reverse_proxy {$BOT}
	}
}
http://behind.test:{$PORT} {
	bind 127.0.0.1
	botlatch {
		public GET /public/**
		allow GET,POST /api/servo/* scope drive
		allow GET /api/** scope observe
	}
	handle_path /api/* {
		reverse_proxy {$BOT}
	}
	handle_path /public/* {
		respond "public"
	}
}
`

// TestP14_TheLatchJudgesWhatTheBotGets: no prefix, however it is written, takes an act past its rule.
func TestP14_TheLatchJudgesWhatTheBotGets(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+rewritten)
	port := s.address()[strings.LastIndexByte(s.address(), ':'):]
	ask := func(host, target, token string) answer {
		return send(t, s.address(), s.words(t).Replace("GET "+target+" HTTP/1.1\nHost: "+host+".test"+port+"\nAuthorization: Bearer "+token+"\n\n"))
	}
	for host, targets := range map[string]string{
		"stripped": "/v1/servo/10 /servo/10 /v1/v1/../servo/10 /v1//servo/10 /v1/%2e%2e/servo/10 /v%31/servo/10 /V1/servo/10/ /v1%2fservo/10 /v1/servo%2f10 /v1/public/../servo/10 " +
			"/v1/SERVO/10 //v1/servo/10 /v1/public/..%2fservo/10 /%76%31/servo/10 /v1;/servo/10 /v1/x/../servo/10",
		"replaced": "/motor/10 /servo/10 /MOTOR/10/.. /motor//10 /m%6Ftor/10 /public/../motor/10 /motor/10/ /public/..%2fmotor/10 /x/../motor/10 /motor/%2e/10",
		"rewritten": "/public/move/10 /public/move/10/ /public/move/../../servo/10 /public/move/%31%30 /public/move/x/..%2f10 /public/./move/10 /public/move//10 /public/move/10%3fx " +
			"/public/move/..%2fservo%2f10",
		"routed": "/public/servo/10 /public/public/../servo/10 /public//servo/10 /public/servo/10/ /publi%63/servo/10 /public/%2e/servo/10 /PUBLIC/servo/10/. /public/servo%2f10",
		"behind": "/api/servo/10 /API/servo/10 /api/servo/10/ /ap%69/servo/10 /api//servo/10 /api/x/../servo/10 /public/../api/servo/10 /api/public/../servo/10 /api%2fservo/10 /api/%2e/servo/10 /api/%73ervo/10",
	} {
		for target := range strings.FieldsSeq(targets) {
			before := s.bot.Hits()
			status := ask(host, target, "{observer}").status
			if status != 400 && status != 403 && s.settled(before) == before {
				t.Errorf("%s %s: status %d", host, target, status)
			}
			// What reached it all the same must be something else than the act, to any reader.
			if s.bot.Hits() != before && readings(s.bot.Last().RequestURI)["/servo/10"] {
				t.Errorf("%s %s: the bot got %s", host, target, s.bot.Last().RequestURI)
			}
		}
	}
	for host, target := range map[string]string{"stripped": "/v1/servo/10", "replaced": "/motor/10", "rewritten": "/public/move/10", "routed": "/public/servo/10", "behind": "/api/servo/10"} {
		before := s.bot.Hits()
		if got := ask(host, target, "{driver}"); got.status != 200 || s.bot.Hits() != before+1 || s.bot.Last().RequestURI != "/servo/10" {
			t.Errorf("honest: %s %s: status %d, the bot got %d requests", host, target, got.status, s.bot.Hits()-before)
		}
	}
}
