package app

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// The collectors are the process's: each configuration registers the same ones with its own registry, so that a reload
// neither panics nor starts them again. Every label value is of a closed list.
var (
	requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "botlatch_requests_total",
		Help: "Decisions, by outcome (allow, deny, would_deny) and by the reason of a denial.",
	}, []string{"outcome", "reason"})

	revocations = listCollector{prometheus.NewDesc("botlatch_revocations",
		"Entries of the revocation list in force, by kind.", []string{"kind"}, nil)}
)

func registerMetrics(registry *prometheus.Registry) error {
	for _, c := range []prometheus.Collector{requests, revocations} {
		var already prometheus.AlreadyRegisteredError
		if err := registry.Register(c); err != nil && !errors.As(err, &already) {
			return err
		}
	}
	return nil
}

// Allowed is the counter of requests that were let through, under a public rule or with a token.
func Allowed(public bool) prometheus.Counter {
	if public {
		return requests.WithLabelValues("allow", "public")
	}
	return requests.WithLabelValues("allow", "token")
}

// Denied is the counter of one reason.
func Denied(reason deny.Reason) prometheus.Counter {
	return requests.WithLabelValues("deny", reason.String())
}

// WouldDeny is the counter of one reason on a site that enforces nothing.
func WouldDeny(reason deny.Reason) prometheus.Counter {
	return requests.WithLabelValues("would_deny", reason.String())
}

// listCollector reads the list when it is scraped, so that there is no second count to keep right.
type listCollector struct{ desc *prometheus.Desc }

// Describe implements prometheus.Collector.
func (c listCollector) Describe(out chan<- *prometheus.Desc) { out <- c.desc }

// Collect implements prometheus.Collector.
func (c listCollector) Collect(out chan<- prometheus.Metric) {
	counts := process.list.Len()
	for _, kind := range revocation.Kinds() {
		out <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(counts[kind]), kind.String())
	}
}

// Interface guards
var _ prometheus.Collector = listCollector{}
