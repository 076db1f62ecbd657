package caddymodule_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// What tells a test binary to be a client that can be killed, or that runs somewhere else: the URL of a stream, its token,
// what it says to a bot, and for TLS the certificate that it trusts, the address that it dials, and whether it speaks HTTP/2.
const (
	clientURL   = "BOTLATCH_TEST_CLIENT_URL"
	clientToken = "BOTLATCH_TEST_CLIENT_TOKEN"
	clientSays  = "BOTLATCH_TEST_CLIENT_SAYS"
	clientTrust = "BOTLATCH_TEST_CLIENT_TRUST"
	clientDials = "BOTLATCH_TEST_CLIENT_DIALS"
	clientHTTP2 = "BOTLATCH_TEST_CLIENT_HTTP2"
)

// clientMain is main of such a client. It says "open" when the stream has begun, and ends with it.
func clientMain() int {
	err := runClient(context.Background())
	fmt.Fprintln(os.Stderr, "client:", err)
	return 1
}

func runClient(ctx context.Context) error {
	transport := &http.Transport{ForceAttemptHTTP2: os.Getenv(clientHTTP2) != ""}
	if !transport.ForceAttemptHTTP2 {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	if trust := os.Getenv(clientTrust); trust != "" {
		pem, err := os.ReadFile(trust)
		if err != nil {
			return err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", os.Getenv(clientDials))
		}
	}
	client, header := &http.Client{Transport: transport}, http.Header{"Authorization": {"Bearer " + os.Getenv(clientToken)}}
	if strings.HasSuffix(os.Getenv(clientURL), "/drive") {
		return runDriver(ctx, client, header)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, os.Getenv(clientURL), http.NoBody)
	if err != nil {
		return err
	}
	r.Header = header
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	for b, begun := make([]byte, 32<<10), false; ; begun = true {
		if _, err := res.Body.Read(b); err != nil {
			return err
		}
		if !begun {
			fmt.Println("open")
		}
	}
}

func runDriver(ctx context.Context, client *http.Client, header http.Header) error {
	c, _, err := websocket.Dial(ctx, os.Getenv(clientURL), &websocket.DialOptions{HTTPHeader: header, HTTPClient: client})
	if err != nil {
		return err
	}
	c.SetReadLimit(1 << 20)
	if word := os.Getenv(clientSays); word != "" {
		if err := c.Write(ctx, websocket.MessageText, []byte(word)); err != nil {
			return err
		}
	}
	for begun := false; ; begun = true {
		if _, _, err := c.Read(ctx); err != nil {
			return err
		}
		if !begun {
			fmt.Println("open") // the bot said hello
		}
	}
}

// client is a client that runs in a process of its own.
type client struct{ command *exec.Cmd }

// startClient starts one, and returns when its stream is open. It ends with the test.
func startClient(t *testing.T, url, token string, says ...string) *client {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return runClientProcess(t, exec.CommandContext(t.Context(), self), clientURL+"="+url, clientToken+"="+token, clientSays+"="+strings.Join(says, ""))
}

func runClientProcess(t *testing.T, command *exec.Cmd, env ...string) *client {
	t.Helper()
	command.Env, command.Stderr = append(os.Environ(), env...), os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	c := &client{command}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "open\n" {
		t.Fatalf("the client says %q: %v", line, err)
	}
	return c
}

// kill ends it at once.
func (c *client) kill(t *testing.T) {
	t.Helper()
	if err := c.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
}
