package app

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/revocation"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

// The collectors are the process's: each configuration registers the same ones with its own registry, so that a reload
// neither panics nor starts them again. Every label value is of a closed list.
var (
	requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "botlatch_requests_total",
		Help: "Decisions, by outcome (allow, deny, would_deny) and by the reason of a denial.",
	}, []string{"outcome", "reason"})

	verifying = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "botlatch_verify_duration_seconds",
		Help:    "Time to verify a token that was not seen before, refused ones included.",
		Buckets: []float64{5e-6, 10e-6, 20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 5e-3, 25e-3, 100e-3},
	})

	revocations = listCollector{prometheus.NewDesc("botlatch_revocations",
		"Entries of the revocation list in force, by kind.", []string{"kind"}, nil)}

	staleness = prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "botlatch_revocation_staleness_seconds",
		Help: "Time since a revocation store could last be followed; 0: all of them are.",
	}, func() float64 { return stale(time.Now()).Seconds() })

	openStreams = prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "botlatch_open_streams",
		Help: "Requests that were let through and are still open.",
	}, func() float64 { return float64(process.streams.Len()) })

	endedStreams = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "botlatch_streams_ended_total",
		Help: "Open requests that the latch ended, by cause.",
	}, []string{"cause"})

	preflights = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "botlatch_preflights_total",
		Help: "CORS preflights that the latch answered for the bot.",
	})

	signIns = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "botlatch_sign_ins_total",
		Help: "Attempts to sign in, by door (invite, token, oidc) and result (success, refused, failure, limited).",
	}, []string{"door", "result"})

	lastWills = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "botlatch_last_wills_total",
		Help: "Last wills, by result (success, failure).",
	}, []string{"result"})

	keyRefreshes = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "botlatch_key_refreshes_total",
		Help: "Fetches of issuers' keys and of the metadata that says where they are, by result (success, failure).",
	}, []string{"result"})

	clockSkew = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "botlatch_clock_skew_seconds",
		Help: "How far the clock of the issuer whose keys were fetched last is ahead of this machine's, to a second or two; 0 before the first fetch.",
	})

	listRefreshes = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "botlatch_status_list_refreshes_total",
		Help: "Fetches of status lists, by result (success, failure).",
	}, []string{"result"})
)

func registerMetrics(registry *prometheus.Registry) error {
	for _, c := range []prometheus.Collector{
		requests, verifying, revocations, staleness, openStreams, endedStreams, preflights, signIns, lastWills, listRefreshes,
		keyRefreshes, clockSkew,
	} {
		var already prometheus.AlreadyRegisteredError
		if err := registry.Register(c); err != nil && !errors.As(err, &already) {
			return err
		}
	}
	return nil
}

// Preflight counts a preflight that was answered.
func Preflight() { preflights.Inc() }

// CountSignIn counts an attempt to sign in. Door and result are of closed lists.
func CountSignIn(door, result string) { signIns.WithLabelValues(door, result).Inc() }

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

// EndedStreams is the counter of one cause.
func EndedStreams(cause stream.Cause) prometheus.Counter {
	return endedStreams.WithLabelValues(cause.String())
}

// LastWillSent counts a last will that the bot has taken, or has not.
func LastWillSent(sent bool) {
	if sent {
		lastWills.WithLabelValues("success").Inc()
		return
	}
	lastWills.WithLabelValues("failure").Inc()
}

// countRefresh counts a fetch of a status list.
func countRefresh(err error) { countFetch(listRefreshes, err) }

// countKeyRefresh counts a fetch of keys, or of the metadata that says where they are.
func countKeyRefresh(err error) { countFetch(keyRefreshes, err) }

func countFetch(fetches *prometheus.CounterVec, err error) {
	if err != nil {
		fetches.WithLabelValues("failure").Inc()
		return
	}
	fetches.WithLabelValues("success").Inc()
}

// Verifying is the histogram of the time that tokens took.
func Verifying() prometheus.Histogram { return verifying }

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
