package main

import (
	"strings"
	"testing"
)

// spellings are other ways to write the paths of acts. Those that are marked act when nothing stands in front of the bot.
var spellings = []struct {
	path string
	acts bool
}{
	{door + "/commands/un%6Cock", true},
	{door + "/commands/u%6elock", true},
	{"/api/commands/l%6fck", true},
	{"/api/robots/front+door/commands/unlock", true},
	{"/api/robots/front+door/devices/servo/commands/ToMax", true},
	{"/api/robots/%66ront%20door/devices/%73ervo/commands/ToMax", true},
	{"//api/commands/lock", false}, // redirected, and clients follow
	{"/api//commands/lock", false},
	{"/x/../api/commands/lock", false},
	{"/api/x/../commands/lock", false},
	{"/api/./commands/lock", false},
	{"/%61pi/commands/lock", false},
	{"/api%2Fcommands%2Flock", false},
	{"/api/commands/lock/", false},
	{door + "/commands/unlock/", false},
	{door + "/devices/servo/commands/ToMax/", false},
	{"/API/commands/lock", false},
	{"/api/commands/LOCK", false},
	{"/api/commands/lock;x=1", false},
	{"/api/commands/lock%00", false},
	{"/api/commands/lock?:command=unlock", true},
	{"/api/robots/x/commands/unlock?:robot=front%20door", false},
}

// trySpellings asks for acts in other words, and shows which of them the bot would have understood.
func (s *stage) trySpellings(t *testing.T) {
	for _, method := range methods {
		t.Run("deny/spellings/"+method, func(t *testing.T) {
			var rs []request
			for _, spelling := range spellings {
				rs = append(rs, request{method, spelling.path, s.token(t, observe, page), `{}`})
			}
			s.deny(t, rs, func(t *testing.T, r request, got answer) {
				if got.status != 400 && got.status != 403 {
					t.Errorf("%s %s: %d", r.method, r.url, got.status)
				}
			})
		})
	}
	t.Run("spellings without the latch", func(t *testing.T) {
		for _, spelling := range spellings {
			_, acts := s.bot.during(t, func() { ask(t, request{"POST", s.bot.url + spelling.path, "", `{}`}) })
			if (len(acts) != 0) != spelling.acts {
				t.Errorf("%s: acts %q, want any: %v", spelling.path, acts, spelling.acts)
			}
		}
	})
}

func TestWhatMayBeSeen(t *testing.T) {
	t.Parallel()
	s := newStage(t, startBotOn(t, nil), "")
	for name, c := range map[string]struct {
		path, scope string
		status      int
		body        string
	}{
		"ok/everything":          {"/api/", observe, 200, `"name":"front door"`},
		"ok/without the slash":   {"/api", observe, 301, ""},
		"ok/commands":            {"/api/commands", observe, 200, `["lock"]`},
		"ok/robots":              {"/api/robots", observe, 200, `"name":"front door"`},
		"ok/robot":               {door, observe, 200, `"robot":`},
		"ok/robot's commands":    {door + "/commands", observe, 200, `"unlock"`},
		"ok/devices":             {door + "/devices", observe, 200, `"servo"`},
		"ok/device":              {door + "/devices/servo", observe, 200, `"servo"`},
		"ok/device's commands":   {door + "/devices/servo/commands", observe, 200, `"ToMax"`},
		"ok/connections":         {door + "/connections", observe, 200, `"sim"`},
		"ok/connection":          {door + "/connections/sim", observe, 200, `"sim"`},
		"ok/page":                {"/", page, 301, ""},
		"ok/page itself":         {"/index.html", page, 200, "<title>Robeaux</title>"},
		"ok/its script":          {"/js/script.js", page, 200, "EventSource"},
		"ok/its style":           {"/css/application.css", page, 200, "{"},
		"ok/its image":           {"/images/delete.png", page, 200, "PNG"},
		"deny/observe, page":     {"/index.html", observe, 403, ""},
		"deny/page, observe":     {"/api/robots", page, 403, ""},
		"deny/what is not there": {"/api/zzz", observe, 403, ""},
		"deny/nor deeper":        {door + "/devices/servo/zzz", observe, 403, ""},
		"deny/commands, slash":   {"/api/commands/", observe, 400, ""},
		"deny/events":            {door + "/devices/servo/events/moved", observe, 403, ""},
		"deny/events, command":   {door + "/devices/servo/events/moved", command, 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := request{"GET", c.path, s.token(t, c.scope), ""}
			if strings.HasPrefix(name, "deny/") {
				s.deny(t, []request{r}, func(t *testing.T, _ request, got answer) {
					if got.status != c.status {
						t.Errorf("%+v", got)
					}
				})
				return
			}
			r.url = s.latch.URL + r.url
			if got := ask(t, r); got.status != c.status || !strings.Contains(got.body, c.body) {
				t.Errorf("%d %.200s", got.status, got.body)
			}
		})
	}
	t.Run("deny/token in the query", func(t *testing.T) {
		s.deny(t, []request{{"GET", "/index.html?access_token=" + s.token(t, page), "", ""}}, func(t *testing.T, _ request, got answer) {
			if got.status != 400 {
				t.Errorf("status %d", got.status)
			}
		})
	})
	t.Run("deny/nobody", func(t *testing.T) {
		s.deny(t, []request{{"GET", "/", "", ""}, {"GET", "/index.html", "", ""}, {"GET", "/api/", "", ""}},
			func(t *testing.T, r request, got answer) {
				if got.status != 401 {
					t.Errorf("%s: %+v", r.url, got)
				}
			})
	})
}
