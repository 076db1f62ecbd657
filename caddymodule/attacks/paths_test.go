package attacks_test

import (
	"strings"
	"testing"
)

// parlour is a site with a public folder: whoever makes the latch read an act as something below it is in.
const parlour = `
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		public GET /public/**
		public GET /healthz
		allow GET,POST /servo/* /Küche/tür%20auf scope drive
		allow GET /** scope observe
	}
	reverse_proxy {$BOT}
}
`

// variants are requests for targets, without a token and with one that may not act. Status 0 stands for that of a path
// which is read well: 401 and 403.
func variants(status int, targets ...string) (attacks []attack) {
	for _, target := range targets {
		nobody, observer := status, status
		if status == 0 {
			nobody, observer = 401, 403
		}
		attacks = append(attacks,
			attack{target + ", no token", "GET " + target + " HTTP/1.1\nHost: {host}\n\n", nobody},
			attack{target + ", without the scope", "GET " + target + " HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n\n", observer})
	}
	return attacks
}

func TestP1_DotSegmentsDoNotLeaveAPublicFolder(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, variants(400,
		"/public/../servo/10", "/public/./../servo/10", "/public/x/../../servo/10", "/public/..//servo/10", "/public/../../servo/10", "/public/../public/../servo/10",
		"/../servo/10", "/./servo/10", "/servo/./10", "/servo/x/../10", "/servo/10/.", "/servo/10/x/..", "/public/..", "/public/.../servo/10", "http://{host}/public/../servo/10",
	)...)
}

func TestP2_EncodedDotsDoNotLeaveAPublicFolder(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, variants(400,
		"/public/%2e%2e/servo/10", "/public/%2E%2E/servo/10", "/public/.%2e/servo/10", "/public/%2e./servo/10", "/public/%2e%2e%2fservo/10", "/public/%2e%2e%2Fservo/10",
		"/public/x/%2e%2e/%2e%2e/servo/10", "/%2e/servo/10", "/servo/%2e/10", "/servo/10/%2e", "/public/%c0%ae%c0%ae/servo/10", "/public/%e0%80%ae%e0%80%ae/servo/10", "/public/%u002e%u002e/servo/10",
	)...)
}

func TestP3_HexDigitsOfEscapesHaveNoCase(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+parlour)
	s.refuses(t, variants(400,
		"/servo%2f10", "/servo%2F10", "/public/..%2fservo/10", "/public/..%2Fservo/10", "/public%2f../servo/10", "/public%2F../servo/10", "/servo%5c10", "/servo%5C10", "/servo/10%3bx", "/servo/10%3Bx",
	)...)
	// These are the same path (RFC 3986 §6.2.2.1), and no path of the rule behind.
	s.refuses(t, variants(0, "/K%C3%BCche/t%C3%BCr%20auf", "/K%c3%bcche/t%C3%bcr%20auf")...)
	s.reaches(t, "/K%c3%bcche/t%C3%bcr%20auf")
}

func TestP4_EscapedReservedCharactersSurvive(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+parlour)
	for _, c := range []string{"%21", "%24", "%26", "%27", "%28", "%29", "%2A", "%2a", "%2B", "%2b", "%2C", "%3A", "%3D", "%40", "%5B", "%5D", "!", "$", "&", "'", "(", ")", "*", "+", ",", ":", "=", "@", "[", "]"} {
		s.reaches(t, "/servo/a"+c+"b")
	}
	// Where a segment is spelled out, the other spelling is another path to some bots and the same one to others.
	s.refuses(t, variants(400, "/K%C3%BCche/t%C3%BCr+auf", "/K%C3%BCche/t%C3%BCr%2Bauf", "/K%C3%BCche/t%C3%BCr%2baufx/..", "/K%C3%BCche/t%C3%BCr%2520auf")...)
}

func TestP5_TheQueryIsNoPath(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, append(
		variants(0, "/servo/10?/public/x", "/servo/10?x=/healthz", "/servo/10?", "/servo/10??/healthz", "/servo/10?/../../public/x"),
		variants(400, "/servo/10%3f/public/x", "/servo/10%3F", "/public/x%3f/../../servo/10", "/healthz%3f/../servo/10", "/public/..%3f/servo/10", "/servo%3f/10")...)...)
}

func TestP7_CaseOfEscapedPatternsIsFolded(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, variants(400,
		"/k%C3%BCche/t%C3%BCr%20auf", "/K%C3%9Cche/t%C3%BCr%20auf", "/K%c3%9cCHE/T%c3%9cR%20AUF", "/K%C3%BCche/T%C3%BCr%20Auf", "/SERVO/10", "/Servo/10", "/%C5%BFervo/10", "/%73ervo/10",
	)...)
}

func TestP8_EscapedSlashesDoNotHideDots(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, variants(400,
		"/public/..%2fservo/10", "/public/..%2Fservo%2F10", "/public/x%2f..%2f..%2fservo/10", "/public/..%5cservo/10", "/public/%2e%2e%5cservo/10", "/public%2f..%2fservo/10", "/public/..%252fservo/10",
	)...)
}

func TestP9_BackslashesAndTrailingDotsAreNoSpelling(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, variants(400,
		`/servo\10`, `\servo\10`, `/public\..\servo\10`, `/public/..\servo/10`, `/public\../servo/10`, "/servo%5c10", "/public%5C..%5Cservo%5C10", `//servo\10`,
		"/servo/10.", "/servo/10..", "/servo./10", "/servo/10%2e", "/servo/10%20", "/servo%20/10", "/servo/10%20.", "/servo/10.%20", "/servo/10+", "/servo/10%C2%A0", "/servo/%20", "/healthz./../servo/10",
	)...)
}

func TestP11_EmptySegmentsAreNoSpelling(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, variants(400,
		"//servo/10", "///servo/10", "/servo//10", "/servo/10//", "//servo//10//", "/public//../servo/10", "/%2Fservo/10", "/servo/%2F10", "/servo%2F/10", "/%5Cservo/10", "/servo/%5C10", "//{host}/servo/10", "//public/../servo/10",
	)...)
}

func TestP12_FragmentsAreRefused(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, variants(400,
		"/servo/10#", "/servo/10#/healthz", "/servo/10?x#y", "/healthz#/../servo/10", "/public/x#/../../servo/10", "/servo/10%23", "/servo/10%23/healthz", "/healthz%23/../servo/10", "http://{host}/servo/10#x", "#/servo/10",
	)...)
}

func TestP13_EveryReservedCharacterEncoded(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+parlour)
	for _, c := range []string{"%2F", "%3F", "%23", "%3B", "%5C", "%25", "%00", "%2f", "%3f", "%3b", "%5c"} {
		s.refuses(t, variants(400, "/servo"+c+"10", "/servo/10"+c, "/servo/10"+c+"x", "/public/.."+c+"servo/10", "/public/x"+c+"../../servo/10", c+"/servo/10")...)
	}
	for _, c := range []string{"%21", "%24", "%26", "%27", "%28", "%29", "%2A", "%2B", "%2C", "%3A", "%3D", "%40", "%5B", "%5D"} {
		// These end no segment, to no bot: what holds them is one segment below /servo, whose rule decides.
		s.refuses(t, variants(0, "/servo/1"+c+"0")...)
	}
}

func TestP15_NothingBehindTheQuestionMarkOpens(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, append(
		variants(0, "/servo/10?x=/public/", "/servo/10?/healthz", "/servo/10?&path=/healthz", "/servo/10?x=/status", "/servo/10?_method=GET&url=/public/x"),
		variants(400, "/servo/10/?x=/healthz", "/SERVO/10?x=/healthz", "/servo/10;x?/healthz", "/servo/10%26x=/healthz/..")...)...)
}

func TestP16_AnEscapedFragmentOpensNothing(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, variants(400,
		"/servo/10%23/public/", "/servo/10#/public/", "/servo%23/10", "/public/%23/../../servo/10", "/healthz%23", "/healthz#", "/servo/10%2523/healthz", "/servo/10?/healthz#/public/",
	)...)
}

func TestP18_RulesAreNotAskedAboutRawPaths(t *testing.T) {
	t.Parallel()
	newStage(t, options+parlour).refuses(t, variants(400,
		"/public/..%2fservo/10", "/public/%2e%2e/servo/10", "/public/%252e%252e/servo/10", "/public/%252e%252e%252fservo/10", "/public/%25252e%25252e/servo/10", "/public/%25%32%65%25%32%65/servo/10", "/%2573ervo/10", "/servo/%2531%2530",
	)...)
}

// reaches asks for a target with the token to drive: the bot gets it byte for byte.
func (s *stage) reaches(t *testing.T, target string) {
	t.Helper()
	before := s.bot.Hits()
	got := send(t, s.address(), s.words(t).Replace("GET "+target+" HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n\n"))
	if got.status != 200 || s.bot.Hits() != before+1 || s.bot.Last().RequestURI != strings.TrimPrefix(target, s.latch.URL) {
		t.Errorf("%s: status %d, %d requests reached the bot, the last for %s", target, got.status, s.bot.Hits()-before, s.bot.Last().RequestURI)
	}
}
