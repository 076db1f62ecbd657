package app

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

func TestMetricsAreAsPrometheusWantsThem(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	if err := registerMetrics(registry); err != nil {
		t.Fatal(err)
	}
	if err := registerMetrics(registry); err != nil {
		t.Errorf("a second configuration: %v", err)
	}
	Allowed(true).Add(0)
	countRefresh(nil)
	countRefresh(errOnStatusList)
	for reason := range deny.NumReasons {
		Denied(reason).Add(0)
		WouldDeny(reason).Add(0)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	names := make(map[string]bool)
	for _, f := range families {
		names[f.GetName()] = true
	}
	for _, want := range []string{
		"botlatch_requests_total", "botlatch_verify_duration_seconds", "botlatch_revocations", "botlatch_revocation_staleness_seconds",
		"botlatch_status_list_refreshes_total",
	} {
		if !names[want] {
			t.Errorf("%s is missing", want)
		}
	}
}
