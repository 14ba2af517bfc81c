// Package zendesk reads the Status API of Zendesk: a list of active incidents
// and one of planned maintenance, optionally for one account.
package zendesk

import (
	"fmt"
	"net/url"
	"regexp"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

const (
	defaultURL      = "https://status.zendesk.com"
	activePath      = "/api/incidents/active"
	maintenancePath = "/api/incidents/maintenance"
	incidentPath    = "/api/incidents/" // and the id
)

// budget keeps all accounts together below the 10 requests a minute that the
// vendor allows.
var budget = fetch.Budget{Every: 7 * time.Second, Burst: 2}

func init() {
	sources.Register(sources.Engine{
		Name:  "zendesk",
		Title: "Zendesk Status API",
		Reads: "`/api/incidents/active`, `/api/incidents/maintenance`; `/api/incidents/ID` when an incident has left the list",
		Options: []sources.Option{
			{Name: "subdomain", Help: "account whose incidents are asked for: acme for acme.zendesk.com; without it all of Zendesk"},
		},
		Target:      target,
		Open:        newSource,
		MinInterval: time.Minute,
		Budget:      budget,
	})
}

// account is the form of a Zendesk subdomain.
var account = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// target accepts the page, or the document with its own subdomain parameter.
func target(c sources.Config) (sources.Target, error) {
	if c.URL == "" {
		c.URL = defaultURL
	}
	t, err := sources.PageTarget(c, activePath)
	if err != nil {
		return sources.Target{}, err
	}
	t.Value = c.Options["subdomain"]
	if u, err := url.Parse(c.URL); err == nil && t.Value == "" {
		t.Value = u.Query().Get("subdomain")
	}
	if t.Value == "" {
		return t, nil
	}
	if !account.MatchString(t.Value) {
		return sources.Target{}, fmt.Errorf("subdomain %q is not the name of an account: want acme for acme.zendesk.com", t.Value)
	}
	t.Document.RawQuery = url.Values{"subdomain": {t.Value}}.Encode()
	return t, nil
}
