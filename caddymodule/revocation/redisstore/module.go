// Package redisstore is the guest botlatch.revocation_stores.redis: revocations in Redis, for many latches.
//
// Every latch holds the whole list in memory and hears of each change through a stream; no request waits for Redis.
// A latch that lost touch goes on with what it knows, resumes where it was, and after a gap reads everything anew. What it
// was once told stays until somebody takes it back or it expires: a server that lost data makes no list shorter.
package redisstore

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/caddyserver/caddy/v2"
	"github.com/redis/go-redis/v9"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func init() { caddy.RegisterModule(Config{}) }

// defaultPrefix is the name under which the keys stand.
const defaultPrefix = "botlatch"

// Config is the configuration of the store. Placeholders such as {env.NAME} and {file./run/secrets/redis} are resolved when
// the configuration is loaded; one that is unknown or empty is an error.
type Config struct {
	// URL is where Redis is: redis://host:6379/0, rediss:// with TLS, or unix:///path/to/socket. A user name may stand in
	// it; the password is better off in `password`. Redis 6.2 or newer. Required.
	URL string `json:"url,omitempty"`

	// Password of the user. Keep it in a file or in the environment: {file./run/secrets/redis}.
	Password string `json:"password,omitempty"`

	// Prefix is the name under which the keys stand, {prefix}:…; latches that share it share their revocations. Default:
	// botlatch.
	Prefix string `json:"prefix,omitempty"`

	// CA is a file of PEM certificates that signed the server's, for rediss://. Default: those of the system.
	CA string `json:"ca,omitempty"`

	// Replicas is how many replicas must have a write before it is answered. With 0, which is the default, a failover can
	// lose the last writes: latches that heard of them keep them, one that starts later does not have them, and a token that
	// was just used under `once` can be used again.
	Replicas int `json:"replicas,omitempty"`

	// Sentinel is the name of the master, when the URL and `nodes` name sentinels instead of servers.
	Sentinel string `json:"sentinel,omitempty"`

	// Cluster says that the URL and `nodes` name nodes of a Redis Cluster.
	Cluster bool `json:"cluster,omitempty"`

	// Nodes are more addresses, host:port, of the sentinels or of the cluster.
	Nodes []string `json:"nodes,omitempty"`

	// InsecurePlaintext allows redis:// to another machine, where who stands between could take revocations back. A network
	// of containers that nobody else is on is such a case.
	InsecurePlaintext bool `json:"insecure_plaintext,omitempty"`

	options  *redis.UniversalOptions
	resource string
}

// CaddyModule returns the Caddy module information.
func (Config) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "botlatch.revocation_stores.redis", New: func() caddy.Module { return new(Config) }}
}

// Provision resolves and checks. It connects to nothing.
func (c *Config) Provision(caddy.Context) error {
	if err := c.provision(); err != nil {
		return fmt.Errorf("revocation store redis: %w", err)
	}
	return nil
}

// prefixForm keeps braces out of the prefix, which stands in braces itself so that a cluster keeps our keys together.
var prefixForm = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)

func (c *Config) provision() error {
	replacer := caddy.NewReplacer()
	for _, word := range []*string{&c.URL, &c.Password, &c.Prefix, &c.CA} {
		resolved, err := replacer.ReplaceOrErr(*word, true, true)
		if err != nil {
			return fmt.Errorf("resolving a placeholder: %w", err) // names the placeholder, not the value
		}
		*word = resolved
	}
	if c.Prefix == "" {
		c.Prefix = defaultPrefix
	}
	switch {
	case !prefixForm.MatchString(c.Prefix):
		return errors.New("prefix is not 1 to 64 letters, digits, dots, colons, dashes and underscores")
	case c.Replicas < 0:
		return errors.New("replicas is negative")
	case c.Cluster && c.Sentinel != "":
		return errors.New("cluster and sentinel exclude each other")
	case c.Cluster && c.Replicas > 0:
		return errors.New("replicas does not go with cluster, where nobody can be asked for them")
	case len(c.Nodes) > 0 && !c.Cluster && c.Sentinel == "":
		return errors.New("nodes goes with sentinel or cluster")
	}
	return c.readURL()
}

// Resource implements revocation.Opener: addresses, database and prefix.
func (c *Config) Resource() string { return c.resource }

// Open implements revocation.Opener.
func (c *Config) Open(ctx context.Context) (revocation.Store, error) {
	if c.options == nil {
		return nil, errors.New("opening revocation store redis: not provisioned")
	}
	s, err := open(ctx, c.options, c.Prefix, c.Replicas)
	if err != nil {
		return nil, fmt.Errorf("opening revocation store %s: %w", c.resource, err)
	}
	return s, nil
}

// Interface guards
var (
	_ caddy.Provisioner = (*Config)(nil)
	_ revocation.Opener = (*Config)(nil)
)
