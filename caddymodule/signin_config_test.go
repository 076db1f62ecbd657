package caddymodule_test

import (
	"fmt"
	"strings"
	"testing"
)

// signInFile is a site that is reached over HTTPS, with something in its sign_in, and a listener, rules and options.
func signInFile(listener, signIn, more string) string {
	return fmt.Sprintf(`{
	admin off
	auto_https off
	botlatch {
		issuer https://id.example.com/ {
			keys secret 0123456789abcdef0123456789abcdef
			audience https://lock.example.com
		}
	}
}
%s {
	tls internal
	botlatch {
		sign_in {
%s
		}
		%s
		allow GET / /page any_token
		public GET /health
	}
	reverse_proxy 127.0.0.1:3000
}
`, listener, signIn, more)
}

// withoutIssuer is a file in which nobody issues tokens.
func withoutIssuer(file string) string {
	begin, rest, _ := strings.Cut(file, "\tbotlatch {\n\t\tissuer")
	_, end, _ := strings.Cut(rest, "\n\t\t}\n\t}\n")
	return begin + end
}

func TestSignInThatWouldLetInOthersThanItSeemsIsRefused(t *testing.T) {
	const site = "https://lock.example.com"
	const oidc = "oidc https://id.example.com/ {\nclient_id lock\n"
	plain := strings.Replace(signInFile("http://127.0.0.1:8080", "invite", ""), "\ttls internal\n", "", 1)
	for name, c := range map[string]struct{ caddyfile, want string }{
		"ok/invite":                      {signInFile(site, "invite", ""), ""},
		"ok/invite for a year":           {signInFile(site, "invite 365d", ""), ""},
		"ok/invite, no issuer":           {withoutIssuer(signInFile(site, "invite", "")), ""},
		"deny/token, no issuer":          {withoutIssuer(signInFile(site, "invite\ntoken", "")), "no issuer"},
		"ok/all doors":                   {signInFile(site, "invite\ntoken\n"+oidc+"grant email a@example.com scope x\n}", ""), ""},
		"ok/another home":                {signInFile(site, "invite\nhome /page", ""), ""},
		"ok/TLS ends in front":           {strings.NewReplacer("invite", "invite\norigin https://lock.example.com", "\tbotlatch {\n\t\tsign", "\tbind 127.0.0.1\n\tbotlatch {\n\t\tsign").Replace(plain), ""},
		"deny/no door":                   {signInFile(site, "home /", ""), "no way in"},
		"deny/plain HTTP":                {plain, "speaks plain HTTP"},
		"deny/too long":                  {signInFile(site, "invite 401d", ""), "400d"},
		"deny/no time":                   {signInFile(site, "invite 0s", ""), "how long"},
		"deny/time odd":                  {signInFile(site, "invite long", ""), "how long"},
		"deny/invite of two words":       {signInFile(site, "invite 1d 2d", ""), "'2d' is too much"},
		"deny/unknown word":              {signInFile(site, "invite\npassword", ""), "unrecognized option 'password'"},
		"deny/word twice":                {signInFile(site, "invite\ninvite", ""), "stands twice"},
		"deny/sign_in twice":             {signInFile(site, "invite", "sign_in {\ninvite\n}"), "stands twice"},
		"deny/home without a rule":       {signInFile(site, "invite\nhome /door", ""), "no rule lets anybody open home /door"},
		"deny/home is public":            {signInFile(site, "invite\nhome /health", ""), "home /health is public"},
		"deny/home with a star":          {strings.NewReplacer("/page any", "/* any", "public GET /health", "").Replace(signInFile(site, "invite\nhome /*", "")), "home /* is not a path"},
		"deny/home of another host":      {strings.NewReplacer("/page any", "/** any", "public GET /health", "").Replace(signInFile(site, "invite\nhome //evil.example/", "insecure_lenient_path")), "home //evil.example/ is not a path"},
		"deny/home with a query":         {signInFile(site, "invite\nhome /?x", ""), "home /?x"},
		"deny/origin of plain HTTP":      {signInFile(site, "invite\norigin http://lock.example.com", ""), "origin"},
		"deny/origin with a slash":       {signInFile(site, "invite\norigin https://lock.example.com/", ""), "origin"},
		"deny/origin in capitals":        {signInFile(site, "invite\norigin https://Lock.example.com", ""), "origin"},
		"deny/origin with HTTPS's port":  {signInFile(site, "invite\norigin https://lock.example.com:443", ""), "origin"},
		"deny/enforcing nothing":         {signInFile(site, "invite", "insecure_report_only"), "insecure_report_only"},
		"deny/oidc, no issuer":           {signInFile(site, "oidc https://other.example.com/ {\nclient_id lock\ngrant sub a scope x\n}", ""), "no issuer of that name"},
		"deny/oidc, other slash":         {signInFile(site, "oidc https://id.example.com {\nclient_id lock\ngrant sub a scope x\n}", ""), "no issuer of that name"},
		"deny/oidc, no client":           {signInFile(site, "oidc https://id.example.com/ {\ngrant sub a scope x\n}", ""), "client_id is missing"},
		"deny/oidc that lets nobody in":  {signInFile(site, oidc+"}", ""), "nobody could get in"},
		"deny/oidc, grant of no scope":   {signInFile(site, oidc+"grant email a@example.com\n}", ""), "grant is <claim> <value> scope"},
		"deny/oidc, refresh token":       {signInFile(site, oidc+"grant sub a scope x\nscopes offline_access\n}", ""), "offline_access"},
		"deny/oidc twice":                {signInFile(site, oidc+"grant sub a scope x\n}\n"+oidc+"grant sub a scope x\n}", ""), "stands twice"},
		"deny/oidc, secret not readable": {signInFile(site, oidc+"grant sub a scope x\nclient_secret {file./nowhere}\n}", ""), "client_secret"},
		"deny/oidc, lifetime too long":   {signInFile(site, oidc+"grant sub a scope x\nlifetime 500d\n}", ""), "400d"},
	} {
		t.Run(name, func(t *testing.T) {
			err := validate(t, c.caddyfile)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestAPanelStandsAlone(t *testing.T) {
	t.Parallel()
	panel := func(words, behind string) string {
		return "{\n\tadmin off\n\tauto_https off\n}\n" +
			"https://owner.example.com {\n\ttls internal\n\tbotlatch {\n" + words + "\n\t}\n" + behind + "\n}\n"
	}
	const in = "sign_in {\ninvite\n}\n"
	for name, c := range map[string]struct{ caddyfile, want string }{
		"ok/by itself":          {panel(in+"panel scope latch:operate", ""), ""},
		"deny/beside a bot":     {panel(in+"panel scope latch:operate", "reverse_proxy 127.0.0.1:3000"), "panel and reverse_proxy"},
		"deny/bot in a handle":  {panel(in+"panel scope latch:operate", "handle /bot/* {\nreverse_proxy 127.0.0.1:3000\n}"), "panel and reverse_proxy"},
		"deny/bot by name":      {panel(in+"panel scope latch:operate", "handle /bot/* {\ninvoke bot\n}\n}\n&(bot) {\nreverse_proxy 127.0.0.1:3000"), "panel and reverse_proxy"},
		"deny/bot on a path":    {panel(in+"panel scope latch:operate", "}\nhttps://owner.example.com/bot/* {\nreverse_proxy 127.0.0.1:3000"), "panel and reverse_proxy"},
		"ok/bot of a subdomain": {panel(in+"panel scope latch:operate", "}\nhttps://lock.owner.example.com {\nreverse_proxy 127.0.0.1:3000"), ""},
		"ok/bot of a star":      {panel(in+"panel scope latch:operate", "}\nhttps://*.example.com {\nreverse_proxy 127.0.0.1:3000"), ""},
		"deny/home elsewhere":   {panel("sign_in {\ninvite\nhome /x\n}\npanel scope latch:operate", ""), "home is the panel"},
		"deny/no scope":         {panel(in+"panel", ""), "panel scope"},
		"deny/for anybody":      {panel(in+"panel any_token", ""), "panel scope"},
		"deny/no sign_in":       {panel("panel scope latch:operate", ""), "add sign_in"},
		"deny/rules of its own": {panel(in+"panel scope latch:operate\nallow GET /x any_token", ""), "no rules of its own"},
		"deny/enforces nothing": {panel(in+"panel scope latch:operate\ninsecure_report_only", ""), "insecure_report_only"},
	} {
		t.Run(name, func(t *testing.T) {
			err := validate(t, c.caddyfile)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
