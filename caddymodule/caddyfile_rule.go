package caddymodule

import (
	"fmt"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/botlatch/botlatch/caddymodule/policy"
)

// parseRule reads one allow or public line and its block. Methods are one word (`GET,POST`), paths begin with a slash,
// and behind them each condition takes the words up to the next one; a word in quotes is never the name of a condition.
func parseRule(d *caddyfile.Dispenser) (*policy.Rule, error) {
	rule := &policy.Rule{Public: d.Val() == "public", Where: fmt.Sprintf("line %d", d.Line())}
	word := d.Val()
	if !d.NextArg() {
		return rule, d.Errf("'%s' needs methods and a path", word)
	}
	rule.Methods = strings.Split(d.Val(), ",")
	more := d.NextArg()
	for ; more && strings.HasPrefix(d.Val(), "/"); more = d.NextArg() {
		rule.Paths = append(rule.Paths, d.Val())
	}
	if len(rule.Paths) == 0 {
		return rule, d.Errf("'%s' needs a path that begins with a slash", word)
	}
	for more {
		var err error
		if more, err = parseCondition(d, rule); err != nil {
			return rule, err
		}
	}
	return rule, parseRuleBlock(d, rule)
}

// parseCondition reads the condition at d and reports whether another one follows on the line.
func parseCondition(d *caddyfile.Dispenser, rule *policy.Rule) (more bool, err error) {
	word := d.Val()
	if !isCondition(d) {
		return false, d.Errf("unrecognized word '%s' of a rule: scope, any_scope, claim and any_token are known", word)
	}
	if rule.Public {
		return false, d.Errf("'%s' in a public rule, which asks for nothing", word)
	}
	var values []string
	for more = d.NextArg(); more && !isCondition(d); more = d.NextArg() {
		values = append(values, d.Val())
	}
	switch {
	case word == "any_token" && len(values) > 0:
		return false, d.Errf("any_token takes no value, '%s' is too much", values[0])
	case word == "any_token" && rule.AnyToken, word == "scope" && rule.Scope != nil, word == "any_scope" && rule.AnyScope != nil:
		return false, d.Errf("'%s' stands twice", word)
	case word == "any_token":
		rule.AnyToken = true
	case word == "claim":
		return more, parseClaim(d, rule, values)
	case len(values) == 0:
		return false, d.Errf("'%s' needs a value", word)
	case word == "scope":
		rule.Scope = values
	default:
		rule.AnyScope = values
	}
	return more, nil
}

func parseClaim(d *caddyfile.Dispenser, rule *policy.Rule, words []string) error {
	if len(words) < 2 {
		return d.Err("claim needs a name and a value")
	}
	if _, twice := rule.Claim[words[0]]; twice {
		return d.Errf("claim '%s' stands twice", words[0])
	}
	if rule.Claim == nil {
		rule.Claim = make(map[string][]string)
	}
	rule.Claim[words[0]] = words[1:]
	return nil
}

func isCondition(d *caddyfile.Dispenser) bool {
	if d.Token().Quoted() {
		return false
	}
	switch d.Val() {
	case "scope", "any_scope", "claim", "any_token":
		return true
	}
	return false
}

// parseRuleBlock reads what does not fit on the line.
func parseRuleBlock(d *caddyfile.Dispenser, rule *policy.Rule) error {
	said := make(map[string]bool)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		if said[word] {
			return d.Errf("'%s' stands twice", word)
		}
		said[word] = true
		var err error
		switch word {
		case "issued_within":
			err = parseIssuedWithin(d, rule)
		case "once":
			err = parseOnce(d, rule)
		case "replayable":
			rule.Replayable = true
			err = noArgs(d)
		case "max_stream":
			rule.MaxStream, err = parseDuration(d)
		case "last_will":
			rule.LastWill, err = parseLastWill(d)
		default:
			err = d.Errf("unrecognized option '%s' of a rule: issued_within, last_will, max_stream, once and replayable are known", word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func parseOnce(d *caddyfile.Dispenser, rule *policy.Rule) error {
	if rule.Public {
		return d.Errf("'%s' in a public rule, which asks for nothing", d.Val())
	}
	rule.Once = true
	return noArgs(d)
}

func parseIssuedWithin(d *caddyfile.Dispenser, rule *policy.Rule) (err error) {
	if rule.Public {
		return d.Errf("'%s' in a public rule, which asks for nothing", d.Val())
	}
	rule.IssuedWithin, err = parseDuration(d)
	return err
}

func parseDuration(d *caddyfile.Dispenser) (policy.Duration, error) {
	word := d.Val()
	var text string
	if err := oneArg(d, &text); err != nil {
		return 0, err
	}
	duration, err := policy.ParseDuration(text)
	if err != nil {
		return 0, d.Errf("%s: %v", word, err)
	}
	return duration, nil
}

// parseLastWill reads `last_will METHOD PATH [body]`.
func parseLastWill(d *caddyfile.Dispenser) (*policy.LastWill, error) {
	words := d.RemainingArgs()
	if len(words) < 2 || len(words) > 3 {
		return nil, d.Err("last_will needs a method and a path, and may have a body: last_will POST /rover/stop")
	}
	will := &policy.LastWill{Method: words[0], Path: words[1]}
	if len(words) == 3 {
		will.Body = words[2]
	}
	return will, nil
}
