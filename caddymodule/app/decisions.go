package app

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Decision is how often something was decided since the process began.
type Decision struct {
	Reason  string
	Allowed bool
	Count   int
}

// Decisions reads the counters, in no order. would_deny is not among them: it was nothing but tried.
func Decisions() (all []Decision) {
	metrics := make(chan prometheus.Metric)
	go func() {
		requests.Collect(metrics)
		close(metrics)
	}()
	for m := range metrics {
		var read dto.Metric
		if m.Write(&read) != nil {
			continue
		}
		labels := make(map[string]string)
		for _, l := range read.GetLabel() {
			labels[l.GetName()] = l.GetValue()
		}
		if outcome := labels["outcome"]; outcome == "allow" || outcome == "deny" {
			all = append(all, Decision{labels["reason"], outcome == "allow", int(read.GetCounter().GetValue())})
		}
	}
	return all
}
