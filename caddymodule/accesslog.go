package caddymodule

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// access writes the line of Caddy's access log for a request that Caddy may not write itself, because its copy has a
// secret in the query. It has no query at all, and of the header nothing; the site's log filters and outputs hold for it.
func (c *recorder) access(w http.ResponseWriter, r *http.Request, took time.Duration) {
	server, ok := r.Context().Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok || server.Logs == nil {
		return
	}
	status, size := written(w)
	level := zapcore.InfoLevel
	if status >= http.StatusInternalServerError {
		level = zapcore.ErrorLevel
	}
	clientIP, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	path, _, _ := strings.Cut(r.RequestURI, "?")
	for _, name := range accessLogs(server.Logs, r) {
		log := c.accessLog
		if name != "" {
			log = log.Named(name)
		}
		if line := log.Check(level, "handled request with a secret in its query"); line != nil {
			line.Write(zap.Dict("request", zap.String("client_ip", clientIP), zap.String("proto", r.Proto),
				zap.String("method", r.Method), zap.String("host", r.Host), zap.String("uri", path)),
				zap.Duration("duration", took), zap.Int("size", size), zap.Int("status", status))
		}
	}
}

// written is what was answered, as Caddy's recorder for its access log has it.
func written(w http.ResponseWriter) (status, size int) {
	for w != nil {
		if recorder, ok := w.(caddyhttp.ResponseRecorder); ok {
			return recorder.Status(), recorder.Size()
		}
		inner, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return 0, 0
		}
		w = inner.Unwrap()
	}
	return 0, 0
}

// accessLogs are the names of the access logs to which Caddy would write a line for r. "" is the one without a name.
func accessLogs(logs *caddyhttp.ServerLogConfig, r *http.Request) []string {
	hosts := hostForms(r.Host)
	named := slices.IndexFunc(hosts, func(host string) bool { return logs.LoggerNames[host] != nil })
	skipped := logs.SkipUnmappedHosts || slices.ContainsFunc(hosts, func(host string) bool { return slices.Contains(logs.SkipHosts, host) })
	if named < 0 && skipped {
		return nil
	}
	// log_name, which asks nobody else.
	if names, ok := caddyhttp.GetVar(r.Context(), caddyhttp.AccessLoggerNameVarKey).([]any); ok {
		var all []string
		for _, name := range names {
			if text, ok := name.(string); ok {
				all = append(all, text)
			}
		}
		return all
	}
	if named < 0 {
		return []string{logs.DefaultLoggerName}
	}
	return logs.LoggerNames[hosts[named]]
}

// hostForms are the names by which a configuration can mean a host: itself, and with stars for its labels from the left.
func hostForms(hostport string) []string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.ToLower(host)
	forms, labels := []string{host}, strings.Split(host, ".")
	for i := range labels {
		if labels[i] != "" {
			labels[i] = "*"
			forms = append(forms, strings.Join(labels, "."))
		}
	}
	return forms
}
