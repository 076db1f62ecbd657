package redisstore

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// readURL makes the client's options of the URL. Errors do not show it: a password may stand in it.
func (c *Config) readURL() error {
	read, err := redis.ParseURL(c.URL)
	if err != nil || c.URL == "" {
		return errors.New("url is not one of redis://host:6379/0, rediss://host:6379/0 and unix:///path")
	}
	if err := checkQuery(c.URL); err != nil {
		return err
	}
	if c.Password != "" {
		read.Password = c.Password
	}
	addresses := append([]string{read.Addr}, c.Nodes...)
	if err := c.checkPlaintext(read, addresses); err != nil {
		return err
	}
	if c.CA != "" {
		if err := trust(read.TLSConfig, c.CA); err != nil {
			return err
		}
	}
	c.options = universal(read)
	c.options.Addrs = addresses
	if read.Network == "unix" {
		c.options.Dialer = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", read.Addr)
		}
	}
	c.options.MasterName, c.options.IsClusterMode = c.Sentinel, c.Cluster
	sorted := slices.Clone(addresses)
	slices.Sort(sorted)
	c.resource = "redis:" + strings.Join(sorted, ",") + "/" + strconv.Itoa(read.DB) + "/" + c.Prefix
	if c.Sentinel != "" {
		c.resource += "/" + c.Sentinel
	}
	return nil
}

// checkQuery refuses the options that the client's library takes from a URL, but for the database of a socket: one of them
// trusts any certificate, and the others would be left out in silence.
func checkQuery(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("url cannot be read")
	}
	for name := range u.Query() {
		if name != "db" || u.Scheme != "unix" {
			return fmt.Errorf("url takes no %.20q behind a question mark: say what you need in the store's block", name)
		}
	}
	return nil
}

// checkPlaintext refuses what travels to another machine without TLS.
func (c *Config) checkPlaintext(read *redis.Options, addresses []string) error {
	if read.TLSConfig != nil || read.Network == "unix" || c.InsecurePlaintext {
		return nil
	}
	for _, address := range addresses {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return errors.New("nodes are not all host:port")
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return errors.New("redis:// to another machine lets who stands between take revocations back: " +
				"use rediss://, or say insecure_plaintext if nobody else is on that network")
		}
	}
	return nil
}

// trust makes the certificates of file the only ones that count.
func trust(config *tls.Config, file string) error {
	if config == nil {
		return errors.New("ca goes with rediss://")
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading ca: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("ca: no certificate in %s", file)
	}
	return nil
}
