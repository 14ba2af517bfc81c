package config

import (
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
)

// TestMain registers stand-ins for the engines: what matters here is how a
// configuration reaches them.
func TestMain(m *testing.M) {
	page := func(c sources.Config) (sources.Target, error) {
		return sources.PageTarget(c, "/api/v2/summary.json")
	}
	for _, e := range []sources.Engine{
		{Name: "auto", Target: func(c sources.Config) (sources.Target, error) { return sources.PageTarget(c, "") }},
		{Name: "statuspage", Target: page},
		{Name: "incidentio", Target: page},
		{Name: "statusio", Target: statusioTarget, Options: []sources.Option{{Name: "page_id"}}},
		{Name: "zendesk", Target: zendeskTarget, Options: []sources.Option{{Name: "subdomain"}}},
		{Name: "cloud", Target: cloudTarget, MinInterval: 5 * time.Minute,
			Elsewhere: func(t sources.Target) []*url.URL {
				return []*url.URL{{Scheme: "https", Host: "history." + t.Page.Host}, t.Document}
			},
			Options: []sources.Option{{Name: "regions", List: true}, {Name: "services", List: true}}},
		{Name: "downstatus", Feed: true, Target: func(c sources.Config) (sources.Target, error) {
			return sources.PageTarget(c, "/api/v1/services")
		}},
	} {
		sources.Register(e)
	}
	os.Exit(m.Run())
}

func statusioTarget(c sources.Config) (sources.Target, error) {
	id := c.Options["page_id"]
	if id == "" {
		return sources.Target{}, fmt.Errorf("options.page_id is missing")
	}
	page := &url.URL{Scheme: "https", Host: "api.status.io"}
	if c.URL != "" {
		u, err := sources.ParseURL(c.URL)
		if err != nil {
			return sources.Target{}, err
		}
		page = u
	}
	document := &url.URL{Scheme: "https", Host: "api.status.io", Path: "/1.0/status/" + id}
	return sources.Target{Page: page, Document: document, Value: id, Options: c.Options}, nil
}

func zendeskTarget(c sources.Config) (sources.Target, error) {
	page := &url.URL{Scheme: "https", Host: "status.zendesk.com"}
	document := page.JoinPath("/api/incidents/active")
	document.RawQuery = url.Values{"subdomain": {c.Options["subdomain"]}}.Encode()
	return sources.Target{Page: page, Document: document, Value: c.Options["subdomain"], Options: c.Options}, nil
}

func cloudTarget(c sources.Config) (sources.Target, error) {
	page := &url.URL{Scheme: "https", Host: "health.cloud.example"}
	if c.URL != "" {
		page, _ = sources.ParseURL(c.URL)
	}
	return sources.Target{Page: page, Document: page.JoinPath("/events"), Options: c.Options}, nil
}
