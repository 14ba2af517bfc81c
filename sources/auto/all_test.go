package auto_test

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/downstatus/downstatus_exporter/sources"
	_ "github.com/downstatus/downstatus_exporter/sources/all"
	"github.com/downstatus/downstatus_exporter/sources/auto"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// TestEveryEngine: a new engine says how it is recognised, but for those that
// any address may be meant for.
func TestEveryEngine(t *testing.T) {
	for _, e := range sources.Engines() {
		_, ok := sources.DetectionOf(e.Name)
		generic := e.Feed || e.Name == "auto" || e.Name == "feed" || e.Name == "json"
		if ok == generic {
			t.Errorf("%s: detection registered: %v", e.Name, ok)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

const (
	pageID = "64a000000000000000000000"
	shell  = `<!DOCTYPE html><html><head><title>Status</title><script type="module" src="/assets/index.js"></script></head><body><div id="root"></div></body></html>`
	kuma   = `{"config":{"slug":"acme"},"publicGroupList":[{"id":1,"name":"Acme","monitorList":[{"id":1,"name":"Web"}]}]}`
)

// TestPages finds every engine by what its pages answer, with the other paths
// not found, and with all of them answered by the same page.
func TestPages(t *testing.T) {
	for name, c := range map[string]struct {
		engine, page, document, body string
		most                         int
	}{
		"statuspage":         {"statuspage", "", "/api/v2/summary.json", read(t, "../statuspage/testdata/calm.json"), 1},
		"statuspage, below":  {"statuspage", "/acme", "/acme/api/v2/summary.json", read(t, "../statuspage/testdata/trouble.json"), 1},
		"incident.io":        {"incidentio", "", "/api/v2/summary.json", read(t, "../incidentio/testdata/trouble.json"), 1},
		"instatus":           {"instatus", "", "/summary.json", read(t, "../instatus/testdata/summary.json"), 3},
		"instatus, all well": {"instatus", "", "/summary.json", `{"page":{"name":"Acme","url":"https://status.acme.test","status":"UP"}}`, 3},
		"openstatus":         {"openstatus", "", "/summary.json", read(t, "../openstatus/testdata/trouble.json"), 3},
		"openstatus, below":  {"openstatus", "/acme", "/acme/summary.json", read(t, "../openstatus/testdata/trouble.json"), 12},
		"better stack":       {"betterstack", "", "/index.json", read(t, "../betterstack/testdata/trouble.json"), 4},
		"cstate":             {"cstate", "", "/index.json", read(t, "../cstate/testdata/down.json"), 4},
		"cachet 2":           {"cachet", "", "/api/v1/status", `{"data":{"status":"success","message":"Alles gut"}}`, 5},
		"cachet 3":           {"cachet", "", "/api/status", `{"data":{"status":"partial_outage","message":"Some"}}`, 6},
		"gatus":              {"gatus", "", "/api/v1/endpoints/statuses", read(t, "../gatus/testdata/statuses.json"), 7},
		"uptime kuma":        {"uptimekuma", "", "/api/status-page/default", kuma, 8},
		"uptime kuma, slug":  {"uptimekuma", "/status/acme", "/api/status-page/acme", kuma, 12},
		"datadog":            {"datadog", "", "/config.json", read(t, "../datadog/testdata/trouble.json"), 9},
		"zendesk":            {"zendesk", "", "/api/incidents/active", `{"data":[],"included":[]}`, 10},
		"upptime":            {"upptime", "", "/history/summary.json", `[{"name":"Acme","slug":"acme","status":"up"}]`, 11},
	} {
		for kind, bodies := range map[string]map[string]string{
			"alone":   {c.document: c.body},
			"a shell": {c.document: c.body, "*": shell},
			"objects": {c.document: c.body, "*": `{}`},
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				origin, asked := auto.Serve(t, bodies)
				got, err := auto.Detect(t.Context(), auto.NewClient(t), origin.JoinPath(c.page))
				if err != nil {
					t.Fatal(err)
				}
				if got.Engine != c.engine || got.Config.URL != origin.String()+c.page || got.Final != got.Config.URL {
					t.Errorf("found %+v, want %s at %s", got, c.engine, c.page)
				}
				if n := int(asked()); n != got.Requests || n > c.most {
					t.Errorf("%d requests, %d told, want at most %d", n, got.Requests, c.most)
				}
				engine, _ := sources.Lookup(got.Engine)
				if _, err := engine.Target(got.Config); err != nil {
					t.Errorf("not a configuration of %s: %v", got.Engine, err)
				}
			})
		}
	}
}

// TestAddresses: these are known without a request.
func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"https://acme.status.io":                                                "statusio https://acme.status.io",
		"https://status.acme.test/pages/history/" + pageID:                      "statusio https://status.acme.test/pages/history/" + pageID,
		"https://status.zendesk.com":                                            "zendesk https://status.zendesk.com",
		"https://status.cloud.google.com":                                       "google https://status.cloud.google.com",
		"https://status.firebase.google.com":                                    "google https://status.firebase.google.com",
		"https://www.google.com/appsstatus":                                     "google https://www.google.com/appsstatus/dashboard",
		"https://www.google.com/appsstatus/dashboard":                           "google https://www.google.com/appsstatus/dashboard",
		"https://health.aws.amazon.com/health/status":                           "aws https://health.aws.amazon.com/health/status",
		"https://status.aws.amazon.com":                                         "aws https://status.aws.amazon.com",
		"https://azure.status.microsoft/en-us/status":                           "azure https://azure.status.microsoft/en-us/status",
		"https://rssfeed.azure.status.microsoft/en-us/status/feed":              "azure https://rssfeed.azure.status.microsoft/en-us/status/feed",
		"https://status.azure.com/en-us/status":                                 "azure https://azure.status.microsoft",
		"https://status.dev.azure.com":                                          "azuredevops https://status.dev.azure.com",
		"https://status.cloud.microsoft":                                        "microsoft https://status.cloud.microsoft",
		"https://slack-status.com":                                              "slack https://slack-status.com",
		"https://status.slack.com":                                              "slack https://status.slack.com",
		"https://status.salesforce.com/products/Heroku":                         "salesforce https://status.salesforce.com/products/Heroku",
		"https://api.status.salesforce.com/v1/instances/NA137/status":           "salesforce https://api.status.salesforce.com/v1/instances/NA137/status",
		"https://www.apple.com/support/systemstatus":                            "apple https://www.apple.com/support/systemstatus",
		"https://www.apple.com/uk/support/systemstatus":                         "apple https://www.apple.com/uk/support/systemstatus",
		"https://developer.apple.com/system-status":                             "apple https://developer.apple.com/system-status",
		"https://metastatus.com/whatsapp-business-api":                          "meta https://metastatus.com/whatsapp-business-api",
		"https://support.xbox.com/de-DE/xbox-live-status":                       "xbox https://support.xbox.com/de-DE/xbox-live-status",
		"https://xnotify.xboxlive.com/servicestatusv6/GB/en-GB":                 "xbox https://xnotify.xboxlive.com/servicestatusv6/GB/en-GB",
		"https://status.playstation.com":                                        "psn https://status.playstation.com",
		"https://status.riotgames.com/valorant":                                 "riot https://status.riotgames.com/valorant",
		"https://lol.secure.dyn.riotcdn.net/channels/public/x/status/euw1.json": "riot https://lol.secure.dyn.riotcdn.net/channels/public/x/status/euw1.json",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		got, err := auto.Detect(t.Context(), nil, u)
		if err != nil || got.Engine+" "+got.Config.URL != want || got.Requests != 0 {
			t.Errorf("%s: %+v, %v; want %s", address, got, err, want)
			continue
		}
		engine, _ := sources.Lookup(got.Engine)
		if _, err := engine.Target(got.Config); err != nil {
			t.Errorf("%s: not a configuration of %s: %v", address, got.Engine, err)
		}
	}
}

// TestHosts: a domain is matched whole, never a part of it.
func TestHosts(t *testing.T) {
	for host, want := range map[string]string{
		"acme.statuspage.io":          "statuspage",
		"acme.statuspage.io.":         "statuspage",
		"Status.Atlassian.com":        "statuspage",
		"statuspage.incident.io":      "incidentio",
		"acme.status.io:443":          "statusio",
		"acme.instatus.com":           "instatus",
		"acme.betteruptime.com":       "betterstack",
		"acme.openstatus.dev":         "openstatus",
		"a.statuspage.datadoghq.com":  "datadog",
		"status.heroku.com":           "heroku",
		"notstatus.io":                "",
		"statuspage.io.evil.test":     "",
		"status.io-acme.test":         "",
		"www.githubstatus.com":        "",
		"status.atlassian.com.test":   "",
		"mystatus.zendesk.com":        "",
		"statuspage.incident.io.test": "",
		"www.google.com":              "",
		"www.apple.com":               "",
		"support.xbox.com":            "",
		"github.com":                  "",
		"status.slack.com.evil.test":  "",
		"xstatus.playstation.com":     "",
		"health.aws.amazon.com.test":  "",
		"app.datadoghq.com":           "",
	} {
		page := &url.URL{Scheme: "https", Host: host}
		var got []string
		for _, e := range sources.Engines() {
			how, _ := sources.DetectionOf(e.Name)
			known := sources.AtHost(page, how.Hosts...)
			if how.Address != nil && !known {
				_, known = how.Address(page)
			}
			if known {
				got = append(got, e.Name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}

// TestNothing: whatever a wrong page answers, it is no engine, and costs no
// more than a right one.
func TestNothing(t *testing.T) {
	half := `{"page":{"status":"SOMETHING"},"status":{"indicator":"none"},"data":{"status":"fine","type":"page"},"components":[{"id":"1"}]}`
	for name, c := range map[string]struct {
		page   string
		bodies map[string]string
		is     error // nil: any error of the network
	}{
		"a shell":               {"", map[string]string{"*": shell}, auto.ErrUnknownEngine},
		"a shell, below":        {"/a/b", map[string]string{"*": shell}, auto.ErrUnknownEngine},
		"objects":               {"", map[string]string{"*": `{}`}, auto.ErrUnknownEngine},
		"lists":                 {"/a", map[string]string{"*": `[]`}, auto.ErrUnknownEngine},
		"null":                  {"", map[string]string{"*": `null`}, auto.ErrUnknownEngine},
		"half of everything":    {"", map[string]string{"*": half}, auto.ErrUnknownEngine},
		"broken":                {"", map[string]string{"*": `{"page":`}, auto.ErrUnknownEngine},
		"nothing":               {"/a", nil, auto.ErrUnknownEngine},
		"redirects without end": {"", map[string]string{"*": "-> /x$PATH"}, nil},
		"redirects, below":      {"/a", map[string]string{"*": "-> /x$PATH"}, nil},
		"redirects to a shell":  {"/a", map[string]string{"*": "-> /x", "/x": shell}, auto.ErrUnknownEngine},
		"instatus, API off":     {"", map[string]string{"/": `<html><link href="https://assets.instatus.com/a.css">`}, auto.ErrAPIOff},
		"betterstack, API off":  {"", map[string]string{"/": `<html><script src="https://uptime.betterstack.com/a.js">`}, auto.ErrAPIOff},
		"a blog's feed":         {"", map[string]string{"/": `<html><link rel="alternate" type="application/rss+xml" href="/blog.xml">`}, auto.ErrUnknownEngine},
	} {
		t.Run(name, func(t *testing.T) {
			origin, asked := auto.Serve(t, c.bodies)
			got, err := auto.Detect(t.Context(), auto.NewClient(t), origin.JoinPath(c.page))
			if err == nil || got.Engine != "" {
				t.Fatalf("found %+v, error %v", got, err)
			}
			if c.is != nil && !errors.Is(err, c.is) || c.is == nil && fetch.ReasonOf(err) != fetch.Redirect {
				t.Errorf("error %v, want %v", err, c.is)
			}
			if n := int(asked()); n > auto.MaxRequests || n != got.Requests {
				t.Errorf("%d requests, %d told", n, got.Requests)
			}
		})
	}
}

// TestCollisions: no probe takes a document of another engine for its own.
// incident.io speaks Statuspage's API and is asked first.
func TestCollisions(t *testing.T) {
	files, err := filepath.Glob("../*/testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		owner := filepath.Base(filepath.Dir(filepath.Dir(file)))
		if strings.HasSuffix(file, ".golden.json") {
			continue
		}
		body := []byte(read(t, file))
		for _, e := range sources.Engines() {
			how, _ := sources.DetectionOf(e.Name)
			for _, p := range how.Probes {
				if p.Match(body) && e.Name != owner && (owner != "incidentio" || e.Name != "statuspage") {
					t.Errorf("%s: the probe %s of %s matches", file, p.Path, e.Name)
				}
			}
		}
	}
}

// TestMarksLead: what the page loads decides what is asked for next.
func TestMarksLead(t *testing.T) {
	origin, asked := auto.Serve(t, map[string]string{
		"/status/acme": `<html><script>window.preloadData = {}</script>`, "/api/status-page/acme": kuma,
	})
	got, err := auto.Detect(t.Context(), auto.NewClient(t), origin.JoinPath("/status/acme"))
	if err != nil || got.Engine != "uptimekuma" || asked() != 4 {
		t.Errorf("found %+v after %d requests, %v", got, asked(), err)
	}
}

// TestAdvertisedFeed is the last resort.
func TestAdvertisedFeed(t *testing.T) {
	if _, ok := sources.Lookup("feed"); !ok {
		t.Fatal("no engine reads feeds")
	}
	for head, want := range map[string]string{
		`<link rel="alternate" type="application/rss+xml" href="/status.rss">`:                           "/status.rss",
		`<link href='/history.atom' rel='alternate' type='application/atom+xml'>`:                        "/history.atom",
		`<link rel=alternate type=application/rss+xml href=/incidents?a=1&amp;b=2>`:                      "/incidents?a=1&b=2",
		`<link rel=alternate type=application/json href=/status.json>`:                                   "",
		`<link rel=stylesheet type=application/rss+xml href=/status.rss>`:                                "",
		`<link rel=alternate type=application/rss+xml href="javascript:status">`:                         "",
		`<link rel=alternate type=application/rss+xml href=/status><script src=//cdn.instatus.com/a.js>`: "",
	} {
		origin, _ := auto.Serve(t, map[string]string{"/": "<html><head>" + head})
		got, err := auto.Detect(t.Context(), auto.NewClient(t), origin)
		if want == "" {
			if err == nil {
				t.Errorf("%s: found %+v", head, got)
			}
			continue
		}
		if err != nil || got.Engine != "feed" || got.Config.URL != origin.String()+want {
			t.Errorf("%s: %+v, %v", head, got, err)
		}
	}
}

// TestPastedFeed: an address that leads to a feed, where no document answers.
func TestPastedFeed(t *testing.T) {
	for name, c := range map[string]struct {
		page   string
		bodies map[string]string
		engine string
	}{
		"a feed":               {"/status.rss", map[string]string{"/status.rss": "<?xml version='1.0'?><rss version='2.0'>"}, "feed"},
		"of a known engine":    {"/history.atom", map[string]string{"/history.atom": "<feed>", "/api/v2/summary.json": read(t, "../statuspage/testdata/calm.json")}, "statuspage"},
		"of one without API":   {"/history.atom", map[string]string{"/history.atom": "<feed>"}, "feed"},
		"no feed":              {"/status.rss", map[string]string{"/status.rss": `{"not": "a feed"}`}, ""},
		"a feed of a blog":     {"/blog.rss", map[string]string{"/blog.rss": "<rss>"}, ""},
		"a page, not its feed": {"/status", map[string]string{"/status": "<rss>"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			origin, asked := auto.Serve(t, c.bodies)
			page, err := origin.Parse(c.page)
			if err != nil {
				t.Fatal(err)
			}
			got, err := auto.Detect(t.Context(), auto.NewClient(t), page)
			if got.Engine != c.engine || (err == nil) != (c.engine != "") {
				t.Errorf("found %+v, error %v; want %q", got, err, c.engine)
			}
			if got.Engine == "feed" && got.Config.URL != origin.String()+c.page {
				t.Errorf("at %s", got.Config.URL)
			}
			if n := asked(); n > auto.MaxRequests {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestFlood: large bodies of whatever kind end a detection when they come to
// MaxBytes together.
func TestFlood(t *testing.T) {
	const size = 900 << 10
	for name, body := range map[string]string{
		"HTML": "<html>" + strings.Repeat("x", size), "JSON": `{"a":"` + strings.Repeat("x", size) + `"}`, "over the limit": "[" + strings.Repeat(" ", 32<<20),
	} {
		t.Run(name, func(t *testing.T) {
			origin, asked := auto.Serve(t, map[string]string{"*": body})
			got, err := auto.Detect(t.Context(), auto.NewClient(t), origin)
			if want := int32(auto.MaxBytes/size) + 1; err == nil || errors.Is(err, auto.ErrUnknownEngine) || asked() > want {
				t.Errorf("found %+v, error %v, after %d requests of %d bytes", got, err, asked(), size)
			}
		})
	}
}
