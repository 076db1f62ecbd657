package caddymodule_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	coder "github.com/coder/websocket"
)

// inKubernetesForm is a subprotocol that carries token.
func inKubernetesForm(token string) string {
	return "base64url.bearer.authorization.k8s.io." + base64.RawURLEncoding.EncodeToString([]byte(token))
}

// TestTokenInASubprotocolOpensAWebSocket: the bot hears nothing of the token, and the answer selects our marker where
// the bot selects nothing.
func TestTokenInASubprotocolOpensAWebSocket(t *testing.T) {
	t.Parallel()
	u := newUpgrades(t)
	driver, stranger := u.token(t, "rover:drive"), u.token(t, "door:open")
	marked, kubernetes := "botlatch.bearer, "+driver, inKubernetesForm(driver)
	for name, c := range map[string]struct {
		path           string
		offered        []string
		heard, selects string
	}{
		"ok/marker":                            {"/drive", []string{marked}, "", "botlatch.bearer"},
		"ok/marker, two fields":                {"/drive", []string{"botlatch.bearer", driver}, "", "botlatch.bearer"},
		"ok/marker and others":                 {"/drive", []string{"mqtt, " + marked + ", rover"}, "mqtt, rover", "botlatch.bearer"},
		"ok/marker, the bot selects":           {"/select", []string{"mqtt, " + marked + ", rover"}, "mqtt, rover", "rover"},
		"ok/marker, nothing to select":         {"/select", []string{marked}, "", "botlatch.bearer"},
		"ok/kubernetes":                        {"/drive", []string{kubernetes + ", rover"}, "rover", ""},
		"ok/kubernetes, the bot selects":       {"/select", []string{"rover", kubernetes}, "rover", "rover"},
		"ok/marker, public":                    {"/feed", []string{marked}, "", "botlatch.bearer"},
		"ok/marker, public, token of no use":   {"/feed", []string{"v1, botlatch.bearer, x"}, "v1", "botlatch.bearer"},
		"ok/kubernetes, public":                {"/feed", []string{kubernetes}, "", ""},
		"ok/no token, public":                  {"/feed", []string{"rover"}, "rover", ""},
		"ok/marker, public, another's present": {"/feed", []string{marked + ", " + inKubernetesForm(stranger)}, "", "botlatch.bearer"},
	} {
		t.Run(name, func(t *testing.T) {
			client := dialRaw(t, u.latch.URL)
			client.send(handshake(c.path, u.host, websocketOffering(c.offered...)...)...)
			res, _ := client.answer("GET")
			if res.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("status %d", res.StatusCode)
			}
			if got := strings.Join(res.Header.Values("Sec-WebSocket-Protocol"), "|"); got != c.selects {
				t.Errorf("selected is %q, want %q", got, c.selects)
			}
			client.write("\x81\x84\x00\x00\x00\x00stop")
			client.read("\x81\x84\x00\x00\x00\x00stop")
			heads, _ := u.bot.reached()
			last := heads[len(heads)-1]
			if got := strings.Join(last.Values("Sec-WebSocket-Protocol"), "|"); got != c.heard {
				t.Errorf("the bot was offered %q, want %q", got, c.heard)
			}
			for name, values := range last {
				if strings.Contains(strings.Join(values, ","), driver[:40]) || last["Authorization"] != nil {
					t.Errorf("the bot saw the token in %s", name)
				}
			}
		})
	}
	t.Run("ok/the bot refuses", func(t *testing.T) {
		client := dialRaw(t, u.latch.URL)
		client.send(handshake("/refuse", u.host, websocketOffering(marked)...)...)
		if res, body := client.answer("GET"); res.StatusCode != http.StatusForbidden || body != "no" || res.Header["Sec-Websocket-Protocol"] != nil {
			t.Errorf("status %d, body %q, selected %q", res.StatusCode, body, res.Header["Sec-Websocket-Protocol"])
		}
	})
}

func TestTokenInASubprotocolIsJudgedAsInTheField(t *testing.T) {
	t.Parallel()
	u := newUpgrades(t)
	driver, stranger := u.token(t, "rover:drive"), u.token(t, "door:open")
	marked, kubernetes := "botlatch.bearer, "+driver, inKubernetesForm(driver)
	for name, c := range map[string]struct {
		path    string
		offered []string
		status  int
	}{
		"deny/no token":                 {"/drive", []string{"rover"}, 401},
		"deny/token without a marker":   {"/drive", []string{driver}, 401},
		"deny/marker behind":            {"/drive", []string{driver + ", botlatch.bearer"}, 400},
		"deny/forged":                   {"/drive", []string{marked[:len(marked)-6] + "AAAAAA"}, 401},
		"deny/forged, kubernetes":       {"/drive", []string{inKubernetesForm(driver[:len(driver)-6]+"AAAAAA") + ", rover"}, 401},
		"deny/wrong scope":              {"/drive", []string{"botlatch.bearer, " + stranger}, 403},
		"deny/wrong scope, kubernetes":  {"/drive", []string{inKubernetesForm(stranger) + ", rover"}, 403},
		"deny/kubernetes alone":         {"/drive", []string{kubernetes}, 400},
		"deny/kubernetes, padding":      {"/drive", []string{kubernetes + "=, rover"}, 400},
		"deny/kubernetes, not encoded":  {"/drive", []string{"base64url.bearer.authorization.k8s.io." + driver + ", rover"}, 400},
		"deny/both forms":               {"/drive", []string{marked, kubernetes + ", rover"}, 400},
		"deny/marker twice":             {"/drive", []string{marked, marked}, 400},
		"deny/kubernetes twice":         {"/drive", []string{kubernetes + ", " + kubernetes + ", rover"}, 400},
		"deny/good one, then another's": {"/drive", []string{marked, "botlatch.bearer, " + stranger}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			u.refused(t, handshake(c.path, u.host, websocketOffering(c.offered...)...), c.status)
		})
	}
	for name, fields := range map[string][]string{
		"deny/beside a field":           handshakeFields("Sec-WebSocket-Protocol: "+marked, u.bearer),
		"deny/beside another's field":   handshakeFields("Sec-WebSocket-Protocol: "+marked, "Authorization: Basic YTpi"),
		"deny/kubernetes and a field":   handshakeFields("Sec-WebSocket-Protocol: rover, "+kubernetes, u.bearer),
		"deny/no handshake":             {"Sec-WebSocket-Protocol: " + marked},
		"deny/no handshake, kubernetes": {"Sec-WebSocket-Protocol: rover, " + kubernetes},
	} {
		path := "/drive"
		if strings.HasPrefix(name, "deny/no handshake") {
			path = "/closed"
		}
		t.Run(name, func(t *testing.T) { u.refused(t, handshake(path, u.host, fields...), http.StatusBadRequest) })
	}
}

// websocketOffering are the fields of a handshake that offers subprotocols.
func websocketOffering(offered ...string) []string {
	fields := handshakeFields()
	for _, o := range offered {
		fields = append(fields, "Sec-WebSocket-Protocol: "+o)
	}
	return fields
}

// TestGoClientOpensAWebSocketWithASubprotocol uses coder/websocket as a program would.
func TestGoClientOpensAWebSocketWithASubprotocol(t *testing.T) {
	t.Parallel()
	u := newUpgrades(t)
	driver := u.token(t, "rover:drive")
	for name, c := range map[string]struct {
		path     string
		offered  []string
		selected string
	}{
		"ok/marker":                {"/drive", []string{"botlatch.bearer", driver}, "botlatch.bearer"},
		"ok/marker, bot selects":   {"/select", []string{"botlatch.bearer", driver, "rover"}, "rover"},
		"ok/kubernetes":            {"/select", []string{"rover", inKubernetesForm(driver)}, "rover"},
		"ok/kubernetes, no choice": {"/drive", []string{"rover", inKubernetesForm(driver)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), rawPatience)
			defer cancel()
			conn, res, err := coder.Dial(ctx, u.latch.URL+c.path, &coder.DialOptions{Subprotocols: c.offered})
			if err != nil {
				t.Fatalf("dialing: %v (%v)", err, res)
			}
			defer conn.CloseNow() //nolint:errcheck // the bot echoes frames and speaks no protocol
			if got := conn.Subprotocol(); got != c.selected {
				t.Errorf("selected is %q, want %q", got, c.selected)
			}
		})
	}
}
