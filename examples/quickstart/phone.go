package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/botapi/sim"
	"github.com/botlatch/botlatch/caddymodule/command"
)

// phoneScope is what the invited phone may do: everything that the page has.
var phoneScope = []string{"observe", "door:operate", "arm:move", "rover:drive"}

// inviteTo asks the latch for an invitation, as `caddy botlatch invite` does, and returns its link.
func (l *latch) inviteTo(ctx context.Context, name string) (link string, err error) {
	var answer struct {
		Link string `json:"link"`
	}
	err = l.admin(ctx, http.MethodPost, "/botlatch/invitations", map[string]any{"site": l.page, "name": name, "scope": phoneScope}, &answer)
	return answer.Link, err
}

// signOut ends every session.
func (l *latch) signOut(ctx context.Context) error {
	var all struct {
		Sessions []struct {
			ID string `json:"sid"`
		} `json:"sessions"`
	}
	if err := l.admin(ctx, http.MethodGet, "/botlatch/sessions", nil, &all); err != nil {
		return err
	}
	for _, s := range all.Sessions {
		if err := l.admin(ctx, http.MethodDelete, "/botlatch/sessions", map[string]string{"sid": s.ID}, new(json.RawMessage)); err != nil {
			return err
		}
	}
	return nil
}

// phone is a browser as far as the latch can tell.
type phone struct {
	*http.Client

	page string
}

func (l *latch) newPhone() (*phone, error) {
	root, err := os.ReadFile(filepath.Join(l.dir, "pki", "authorities", "local", "root.crt"))
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(root)
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &phone{&http.Client{Jar: jar, Timeout: patience, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12},
	}}, l.page}, nil
}

// ask sends what a browser sends that began at site (a value of Sec-Fetch-Site), and returns status and text of the answer.
func (p *phone) ask(ctx context.Context, method, path, site, contentType, body string) (status int, text string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, p.page+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Sec-Fetch-Site", site)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	if body != "" {
		r.Header.Set("Content-Type", contentType)
	}
	res, err := p.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

// phone tells how a phone gets in, what it may do, and how it gets out.
func (l *latch) phone(ctx context.Context, board *sim.Board) error {
	p, err := l.newPhone()
	if err != nil {
		return err
	}
	// The certificate is made while the site serves already.
	made, cancel := context.WithTimeout(ctx, 3*patience)
	defer cancel()
	err = until(made, "the page has no certificate", func() bool {
		_, _, err := p.ask(ctx, http.MethodGet, "/.botlatch/", "none", "", "")
		return err == nil
	})
	if err != nil {
		return err
	}
	if err := p.opens(ctx, "nobody opens the bot's page", http.StatusUnauthorized, "Sign in"); err != nil {
		return err
	}
	link, err := l.inviteTo(ctx, "phone")
	if err != nil {
		return err
	}
	_, secret, _ := strings.Cut(link, "#")
	if _, _, err := p.ask(ctx, http.MethodGet, "/.botlatch/in", "none", "", ""); err != nil {
		return err
	}
	form := url.Values{"secret": {secret}}.Encode()
	status, _, err := p.ask(ctx, http.MethodPost, "/.botlatch/in", "same-origin", "application/x-www-form-urlencoded", form)
	if err != nil || status != http.StatusOK {
		return errors.Join(err, fmt.Errorf("the invitation is answered %d", status))
	}
	fmt.Println("ok    a phone takes an invitation")
	if err := p.opens(ctx, "and opens the bot's own page", http.StatusOK, "page.js"); err != nil {
		return err
	}
	for _, s := range []struct {
		says, site string
		status     int
		base       int
	}{
		{"the page moves the arm", "same-origin", http.StatusOK, 45},
		{"no link and no form of another page does", "cross-site", http.StatusUnauthorized, 45},
	} {
		if err := p.moves(ctx, board, s.says, s.site, s.status, s.base); err != nil {
			return err
		}
	}
	if err := l.signOut(ctx); err != nil {
		return err
	}
	return p.moves(ctx, board, "the owner signs the phone out, and it moves nothing any more", "same-origin", http.StatusUnauthorized, 45)
}

func (p *phone) opens(ctx context.Context, says string, status int, text string) error {
	got, page, err := p.ask(ctx, http.MethodGet, "/", "none", "", "")
	if err != nil {
		return err
	}
	if got != status || !strings.Contains(page, text) {
		return fmt.Errorf("%s: not so: status %d", says, got)
	}
	fmt.Printf("ok    %s: %d\n", says, got)
	return nil
}

// moves tries to turn the base of the arm away from where it stands, or to where it shall stand.
func (p *phone) moves(ctx context.Context, board *sim.Board, says, site string, status, base int) error {
	angle := base
	if status != http.StatusOK {
		angle = 170
	}
	got, _, err := p.ask(ctx, http.MethodPut, movePath, site, "application/json", fmt.Sprintf(`{"angle":%d}`, angle))
	if err != nil {
		return err
	}
	if at := board.Servo(botapi.PinBase); got != status || at != base {
		return fmt.Errorf("%s: not so: status %d, servo at %d°", says, got, at)
	}
	fmt.Printf("ok    %s: %d, servo at %d°\n", says, got, base)
	return nil
}

// invitePhone prints the way in for a phone.
func (l *latch) invitePhone(w io.Writer, link string) error {
	if _, err := fmt.Fprintf(w, "The bot's own page, for a phone on this network, once, within ten minutes:\n\n%s\n\n", link); err != nil {
		return err
	}
	if err := command.DrawQRCode(w, link); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, `
The phone asks whether to trust a certificate that was made here a moment ago: say yes. Then press once, and move the arm.
Who is in, and out again (the page says so):
go run ./caddymodule/cmd/caddy botlatch sessions --address unix/%[1]s
go run ./caddymodule/cmd/caddy botlatch sessions end <sid> --address unix/%[1]s
Another phone:
go run ./caddymodule/cmd/caddy botlatch invite --name <who> --scope "%[2]s" --site %[3]s --address unix/%[1]s

Ctrl-C ends all of it.
`, l.socket, strings.Join(phoneScope, " "), l.page)
	return err
}
