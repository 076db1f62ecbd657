package caddymodule_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

func TestTheReadmesCaddyfilesAdapt(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```caddyfile\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) < 4 {
		t.Fatalf("%d Caddyfiles: the test looks at too little", len(blocks))
	}
	for _, block := range blocks {
		adapted, err := adapt(t, block[1])
		if err != nil {
			t.Errorf("%v in\n%s", err, block[1])
		}
		if !strings.Contains(adapted, `"handler": "botlatch"`) {
			t.Errorf("no latch in\n%s", block[1])
		}
	}
}

func TestTheReadmeNamesEveryReason(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for reason := range deny.NumReasons {
		if !strings.Contains(string(readme), "`"+reason.String()+"`") {
			t.Errorf("README says nothing of %s", reason)
		}
	}
}
