package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSummary(t *testing.T) {
	plan := mustPlan(t, `global: {poll_interval: 20s, max_components_per_service: 10}
feeds:
  - {name: public, services: all}
  - {name: own, url: "http://127.0.0.1:10980"}
services:
  - {slug: github}
  - {slug: github-pages, catalog: github}
  - {slug: netflix, name: Netflix}
`)
	// 70 + 6*3 sources + 30*2 engines + 24*3 services + 11*2 pages + 3*(2+2*2) reports
	const want = `services: 3
sources: 3 (feeds 2, status pages 1)
  feed/own (downstatus, every 20s)
  feed/public (downstatus, every 30s)
  page/www.githubstatus.com (statuspage, every 30s)
hosts to allow:
  127.0.0.1:10980
  isitdownstatus.com:443
  www.githubstatus.com:443
expected series: about 260, and up to 20 of components
  and about 28 for each further service that a feed lists
warnings:
  test.yml:1: poll_interval: 20s is below the floor of 30s: raised
`
	if diff := cmp.Diff(want, Summary(plan)); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestSummaryOfTheBridge(t *testing.T) {
	const services = "services: [{slug: github}]\n"
	without, with := mustPlan(t, services), mustPlan(t, services+`alertmanager: {static_configs: [{targets: ["am.acme.test:9093"]}], dns_sd_configs: [{names: [am.acme.test]}]}`)
	want := strings.NewReplacer(
		"hosts to allow:\n", "Alertmanagers: 1 named, and those found by DNS or files\nhosts to allow:\n  am.acme.test:9093\n",
		"about 181,", "about 193,",
	).Replace(Summary(without))
	if diff := cmp.Diff(want, Summary(with)); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}
