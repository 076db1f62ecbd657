package redisstore

import (
	"strconv"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// UnmarshalCaddyfile sets up the store from Caddyfile tokens. Syntax:
//
//	redis <url> {
//		password {file./run/secrets/redis}
//		prefix   <prefix>
//		ca       <file>
//		replicas <number>
//		sentinel <master>
//		cluster
//		nodes    <host:port...>
//		insecure_plaintext
//	}
func (c *Config) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the store's name
	if !d.NextArg() || d.Val() == "" {
		return d.Err("revocation store 'redis' needs a URL, such as rediss://redis.example.com:6379/0")
	}
	c.URL = d.Val()
	if d.NextArg() {
		return d.Err("revocation store 'redis' takes one URL") // not named: it may be a secret
	}
	said := make(map[string]bool)
	for d.NextBlock(0) {
		word := d.Val()
		if said[word] {
			return d.Errf("'%s' stands twice", word)
		}
		said[word] = true
		if err := c.unmarshalWord(d, word, d.RemainingArgs()); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) unmarshalWord(d *caddyfile.Dispenser, word string, args []string) error {
	one := map[string]*string{"password": &c.Password, "prefix": &c.Prefix, "ca": &c.CA, "sentinel": &c.Sentinel}
	flags := map[string]*bool{"cluster": &c.Cluster, "insecure_plaintext": &c.InsecurePlaintext}
	if target, ok := one[word]; ok {
		if len(args) != 1 || args[0] == "" {
			return d.Errf("'%s' takes one value", word)
		}
		*target = args[0]
		return nil
	}
	if target, ok := flags[word]; ok {
		if len(args) > 0 {
			return d.Errf("'%s' takes no value", word)
		}
		*target = true
		return nil
	}
	switch word {
	case "nodes":
		if len(args) == 0 {
			return d.Err("'nodes' needs addresses, host:port")
		}
		c.Nodes = args
		return nil
	case "replicas":
		if len(args) == 1 {
			if n, err := strconv.Atoi(args[0]); err == nil && n >= 0 {
				c.Replicas = n
				return nil
			}
		}
		return d.Err("'replicas' takes a number")
	}
	return d.Errf("unrecognized option '%s' of revocation store 'redis'", word)
}

// Interface guards
var _ caddyfile.Unmarshaler = (*Config)(nil)
