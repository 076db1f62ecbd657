package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// listen opens address, host:port or unix//path. Other machines must not reach it unless anywhere says so: the API does
// what anyone asks. The mode of a unix socket follows the umask.
func listen(ctx context.Context, address string, anywhere bool) (net.Listener, error) {
	var config net.ListenConfig
	if path, ok := strings.CutPrefix(address, "unix/"); ok {
		if !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("listening on %q: a unix socket is unix/ and an absolute path, unix//run/bot.sock", address)
		}
		if err := removeStale(ctx, path); err != nil {
			return nil, fmt.Errorf("listening on %q: %w", address, err)
		}
		return config.Listen(ctx, "unix", path)
	}
	if _, _, err := net.SplitHostPort(address); err != nil { // "" would resolve to any port of all interfaces
		return nil, fmt.Errorf("listening on %q: %w", address, err)
	}
	// Resolved once, so that the address that is looked at is the one that is opened.
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %q: %w", address, err)
	}
	if !resolved.IP.IsLoopback() && !anywhere {
		return nil, fmt.Errorf("refusing to listen on %q: it is not a loopback address, and everyone who reaches this API "+
			"moves the robot; listen on 127.0.0.1 or a unix socket, or add -listen-anywhere if that is what you want", address)
	}
	return config.Listen(ctx, "tcp", resolved.String())
}

// removeStale takes away a socket that a killed process left, and nothing else.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("the file exists and is no socket")
	}
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "unix", path)
	if err == nil {
		return errors.Join(errors.New("another process listens there"), c.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

// where names a listener as clients write it.
func where(l net.Listener) string {
	if l.Addr().Network() == "unix" {
		return "unix/" + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}

// announce says where the API is, and where its page: a browser opens no unix socket. It is one write, for programs that
// read the first line and close.
func announce(out io.Writer, l net.Listener) {
	text := "listening on " + where(l) + "\n"
	if l.Addr().Network() != "unix" {
		text += "its page is " + where(l) + "/\n"
	}
	_, _ = io.WriteString(out, text) // whoever closed stdout does not want to know
}
